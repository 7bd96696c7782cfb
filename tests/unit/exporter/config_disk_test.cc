#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "exporter/config_file.h"
#include "exporter/config_text.h"
#include "exporter/file_watch.h"
#include "unit/exporter/as_nobody.h"
#include "unit/exporter/server_names.h"

namespace exporter {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kDirectory = std::string(TESTDATA_DIRECTORY) + "/config/";

// A file with this content, gone at the end of the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(testing::TempDir() + "config-" + std::to_string(getpid()) + ".yaml") {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ConfigFile, RefusesACaFileThatIsNotThereAndSaysWhereItIsNamed) {
  const TemporaryFile file("homeservers: [example.org]\ntls: {ca_file: /nonexistent}\n");
  EXPECT_THAT(LoadConfiguration(file.path()).mistakes,
              ElementsAre(file.path() +
                          ":2:16: tls.ca_file: '/nonexistent' cannot be read as a PEM file of CA "
                          "certificates (No such file or directory)"));
}

TEST(ConfigFile, RefusesACaFileWithoutACertificate) {
  EXPECT_THAT(LoadConfiguration(kDirectory + "no_pem.yaml").mistakes,
              ElementsAre(AllOf(StartsWith(kDirectory + "no_pem.yaml:2:12: tls.ca_file: '" +
                                           kDirectory + "lists/b.yaml'"),
                                HasSubstr("no certificate"))));
}

TEST(ConfigFile, NamesItsFilesWhereItIsRefusedToo) {
  const TemporaryFile file("homeserver_files: [missing.yaml]\ntls: {ca_file: missing.pem}\n");
  const auto loaded = LoadConfiguration(file.path());
  EXPECT_FALSE(loaded.mistakes.empty());
  EXPECT_THAT(loaded.files.homeserver_files, ElementsAre("missing.yaml"));
  EXPECT_EQ(loaded.files.ca_file, BesideFile("missing.pem", file.path()));
}

TEST(ConfigFile, KnowsWhatItsFilesLookedLike) {
  const std::string path = kDirectory + "pem.yaml";
  const auto loaded = LoadConfiguration(path);
  EXPECT_EQ(loaded.look, LookAtFiles(path, {}, kDirectory + "root.pem"));
}

TEST(ConfigFile, FindsTheCaFileBesideTheFile) {
  const auto loaded = LoadConfiguration(kDirectory + "pem.yaml");
  ASSERT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_EQ(loaded.settings->tls.ca_file, kDirectory + "root.pem");
}

TEST(ConfigFile, FindsFurtherListsBesideTheFile) {
  const auto loaded = LoadConfiguration(kDirectory + "globbed.yaml");
  ASSERT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_THAT(Names(*loaded.settings),
              ElementsAre("example.org", "a1.example.org", "a2.example.org", "b1.example.org"));
  EXPECT_EQ(loaded.settings->homeservers[2].group, "customers");
}

TEST(ConfigFile, IsContentWithFurtherListsAlone) {
  const auto loaded = LoadConfiguration(kDirectory + "only_files.yaml");
  ASSERT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_THAT(Names(*loaded.settings), ElementsAre("b1.example.org"));
}

TEST(ConfigFile, IsContentWithAGlobThatFindsNothing) {
  const auto loaded = LoadConfiguration(kDirectory + "empty_glob.yaml");
  ASSERT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_THAT(Names(*loaded.settings), ElementsAre("example.org"));
}

TEST(ConfigFile, NamesTheGlobThatFindsNothingWhereNoHomeserverIsListed) {
  EXPECT_THAT(LoadConfiguration(kDirectory + "only_empty_glob.yaml").mistakes,
              ElementsAre(kDirectory + "only_empty_glob.yaml:1:20: homeserver_files: "
                                       "'absent/*.yaml': no file matches, and no homeserver is "
                                       "listed elsewhere"));
}

TEST(ConfigFile, ReadsAFurtherListOnceThatTwoPatternsName) {
  const auto loaded = LoadConfiguration(kDirectory + "twice_named.yaml");
  ASSERT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_THAT(Names(*loaded.settings),
              ElementsAre("a1.example.org", "a2.example.org", "b1.example.org"));
}

TEST(ConfigFile, RefusesANameThatAFurtherListRepeats) {
  EXPECT_THAT(LoadConfiguration(kDirectory + "repeated.yaml").mistakes,
              ElementsAre(kDirectory +
                          "lists/a.yaml:1:3: homeservers: 'a1.example.org' is listed "
                          "already, at " +
                          kDirectory + "repeated.yaml:3; remove one of the two"));
}

TEST(ConfigFile, NamesTheFurtherListThatIsWrong) {
  EXPECT_THAT(LoadConfiguration(kDirectory + "broken_list.yaml").mistakes,
              testing::Contains(kDirectory + "broken/list.yaml:2:3: homeservers.server_nam: "
                                             "unknown key; did you mean 'server_name'?"));
}

TEST(ConfigFile, MissesAFurtherListThatIsNamedOutright) {
  EXPECT_THAT(LoadConfiguration(kDirectory + "missing_list.yaml").mistakes,
              ElementsAre(kDirectory +
                          "missing_list.yaml:1:20: homeserver_files: "
                          "'lists/absent.yaml': " +
                          kDirectory +
                          "lists/absent.yaml: cannot be read: No such file or "
                          "directory"));
}

TEST(ConfigFile, HashesFurtherListsToo) {
  EXPECT_NE(LoadConfiguration(kDirectory + "globbed.yaml").hash,
            LoadConfiguration(kDirectory + "empty_glob.yaml").hash);
}

TEST(ConfigFile, MissesAFileThatIsNotThere) {
  EXPECT_THAT(LoadConfiguration("/nonexistent/config.yaml").mistakes,
              ElementsAre("/nonexistent/config.yaml: cannot be read: No such file or directory; "
                          "name the configuration with --config.file"));
}

TEST(ConfigFile, RefusesADirectory) {
  EXPECT_THAT(LoadConfiguration(kDirectory).mistakes,
              ElementsAre(kDirectory + ": cannot be read: it is no file"));
}

TEST(ConfigFile, TakesNoFileForWholeThatBreaksOff) {
  const std::string breaks_off = "/proc/self/mem";  // opens, and has nothing at its beginning
  std::string mistake;
  EXPECT_EQ(ReadConfigText(breaks_off, mistake), std::nullopt);
  EXPECT_EQ(mistake, breaks_off + ": cannot be read: Input/output error");
}

// A directory of its own for a test, whose files are gone with it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& name)
      : path_(fs::path(testing::TempDir()) / ("config-" + std::to_string(getpid())) / name) {
    fs::create_directories(path_);
    fs::permissions(path_.parent_path(), fs::perms(0755));
  }
  ~TemporaryDirectory() { fs::remove_all(path_.parent_path()); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string Write(const std::string& name, const std::string& content) {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << content;
    return path_ / name;
  }
  // A main file that lists a.org, and names further files by this pattern.
  std::string WriteMain(const std::string& pattern) {
    return Write("c.yaml", "homeservers: [a.org]\nhomeserver_files: ['" + pattern + "']\n");
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The homeservers of a configuration that has to be right.
std::vector<std::string> NamesIn(const std::string& file) {
  const auto loaded = LoadConfiguration(file);
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  return loaded.settings ? Names(*loaded.settings) : std::vector<std::string>{};
}

TEST(ConfigFile, FindsFurtherFilesWhateverItsDirectoryIsCalled) {
  TemporaryDirectory directory("a[b]*\\?");
  directory.Write("lists/more.yaml", "- b.org\n");
  for (const char* pattern : {"lists/more.yaml", "lists/*.yaml"}) {
    const auto main = directory.WriteMain(pattern);
    EXPECT_EQ(NamesIn(main), (std::vector<std::string>{"a.org", "b.org"})) << pattern;
  }
  const auto main = directory.WriteMain("missing.yaml");
  EXPECT_THAT(LoadConfiguration(main).mistakes, ElementsAre(HasSubstr("missing.yaml")));
}

TEST(ConfigFile, FindsAFurtherFileThatIsCalledLikeAPattern) {
  TemporaryDirectory directory("literal");
  directory.Write("t[1].yaml", "- b.org\n");
  const auto main = directory.WriteMain("t[1].yaml");
  EXPECT_EQ(NamesIn(main), (std::vector<std::string>{"a.org", "b.org"}));
}

TEST(ConfigFile, IsNoFurtherFileOfItself) {
  TemporaryDirectory directory("itself");
  directory.Write("d.yaml", "- b.org\n");
  const auto main = directory.WriteMain("*.yaml");
  EXPECT_EQ(NamesIn(main), (std::vector<std::string>{"a.org", "b.org"}));
}

TEST(ConfigFile, MissesNoDirectoryThatMayNotBeRead) {
  TemporaryDirectory directory("private");
  directory.Write("lists/more.yaml", "- b.org\n");
  const auto main = directory.WriteMain("lists/*.yaml");
  fs::permissions(directory.path() / "lists", fs::perms::none);
  const AsNobody nobody;
  EXPECT_THAT(LoadConfiguration(main).mistakes,
              ElementsAre(AllOf(HasSubstr("homeserver_files: 'lists/*.yaml': "),
                                HasSubstr("lists: cannot be read: Permission denied"))));
}

TEST(ConfigFile, ReadsUpToSixteenMebibytes) {
  std::string text = "homeservers: [example.org]\n#";
  text.resize(std::size_t{16} * 1024 * 1024, 'x');
  const TemporaryFile file(text);
  EXPECT_THAT(LoadConfiguration(file.path()).mistakes, IsEmpty());
}

TEST(ConfigFile, RefusesMoreThanSixteenMebibytes) {
  std::string text = "homeservers: [example.org]\n#";
  text.resize(std::size_t{16} * 1024 * 1024 + 1, 'x');
  const TemporaryFile file(text);
  EXPECT_THAT(LoadConfiguration(file.path()).mistakes,
              ElementsAre(file.path() + ": larger than 16 MiB; split it with homeserver_files"));
}

TEST(ConfigFile, MayBeEmptyForACheck) {
  const TemporaryFile file("probe: {timeout: 5s}\n");
  EXPECT_THAT(LoadConfiguration(file.path(), true).mistakes, IsEmpty());
  EXPECT_EQ(LoadConfiguration(file.path(), false).mistakes.size(), 1U);
}

}  // namespace
}  // namespace exporter
