#include "exporter/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "unit/exporter/reports.h"
#include "unit/exporter/states.h"
#include "web/compress.h"

namespace exporter {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = StoredState::Outcome;

constexpr std::size_t kVersionAt = 10;  // behind the signature
constexpr std::size_t kDigestSize = 32;

bool Any(const std::string& /*name*/) { return true; }

std::string NumberOf(std::uint32_t number) {
  std::string bytes;
  StateEncoder encoder(bytes);
  encoder(number);
  return bytes;
}

// With the checksum that fits.
std::string Sealed(const std::string& bytes) {
  std::string digest(kDigestSize, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return bytes + digest;
}

class StateFile : public testing::Test {
 protected:
  void Write(const std::vector<StateRecord>& records) {
    StateFileWriter writer(file_, kFinishedAt);
    for (const StateRecord& record : records) writer.Append(Encoded(record));
    ASSERT_TRUE(writer.Commit()) << writer.error();
  }

  // A valid file up to the end of its frames.
  std::string Start() {
    Write({});
    const std::string bytes = ReadAll(file_);
    return bytes.substr(0, bytes.size() - kDigestSize - sizeof(std::uint32_t));
  }

  // A frame with these records.
  static std::string Frame(const std::string& records) {
    const std::string packed = web::Gzip(records);
    return NumberOf(static_cast<std::uint32_t>(packed.size())) + packed;
  }

  StoredState ReadThis(std::string_view bytes) {
    WriteAll(file_, bytes);
    return ReadStateFile(file_, Any);
  }

  TemporaryDirectory directory_;
  const std::string file_ = directory_.File("state");
};

TEST_F(StateFile, ReadsBackWhatWasWritten) {
  Write({FullRecord("a.test"), FullRecord("b.test")});
  const StoredState state = ReadStateFile(file_, Any);
  EXPECT_EQ(state.outcome, Outcome::kRead);
  EXPECT_EQ(state.written_at, kFinishedAt);
  ASSERT_THAT(state.records, SizeIs(2));
  ExpectSame(state.records.at("a.test"), FullRecord("a.test"));
  ExpectSame(state.records.at("b.test"), FullRecord("b.test"));
}

TEST_F(StateFile, KeepsOnlyWhoIsWanted) {
  Write({FullRecord("a.test"), FullRecord("b.test")});
  const auto state = ReadStateFile(file_, [](const std::string& name) { return name == "b.test"; });
  ASSERT_THAT(state.records, SizeIs(1));
  EXPECT_TRUE(state.records.contains("b.test"));
}

TEST_F(StateFile, MayHoldNobody) {
  Write({});
  const StoredState state = ReadStateFile(file_, Any);
  EXPECT_EQ(state.outcome, Outcome::kRead);
  EXPECT_THAT(state.records, IsEmpty());
}

TEST_F(StateFile, IsForTheOwnersEyesOnly) {
  Write({});
  struct stat status{};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(StateFile, MayBeAbsent) { EXPECT_EQ(ReadStateFile(file_, Any).outcome, Outcome::kAbsent); }

TEST_F(StateFile, IsDamagedWhenItIsCutShortAnywhere) {
  Write({FullRecord()});
  const std::string bytes = ReadAll(file_);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(ReadThis(std::string_view(bytes).substr(0, size)).outcome, Outcome::kDamaged) << size;
  }
}

TEST_F(StateFile, IsDamagedWhenAnyBitOfItIsAnother) {
  Write({FullRecord()});
  const std::string bytes = ReadAll(file_);
  std::mt19937 chance(1);  // NOLINT(cert-msc51-cpp): the same in every run
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << chance() % 8));
    const StoredState state = ReadThis(flipped);
    ASSERT_NE(state.outcome, Outcome::kRead) << at;
    ASSERT_THAT(state.records, IsEmpty()) << at;
  }
}

TEST_F(StateFile, IsDamagedWhenSomethingStandsBehindIt) {
  Write({FullRecord()});
  EXPECT_EQ(ReadThis(ReadAll(file_) + "x").outcome, Outcome::kDamaged);
}

TEST_F(StateFile, IsNewerWhenItsVersionIs) {
  std::string bytes = Start();
  bytes.replace(kVersionAt, 4, NumberOf(kStateVersion + 1));
  const StoredState state = ReadThis(bytes + "whatever a later format holds");
  EXPECT_EQ(state.outcome, Outcome::kNewer);
  EXPECT_EQ(state.version, kStateVersion + 1);
}

TEST_F(StateFile, IsDamagedWhenItsFormatIsOfThePast) {
  std::string bytes = Start();
  bytes.replace(kVersionAt, 4, NumberOf(kStateVersion - 1));
  const StoredState state = ReadThis(bytes + "whatever an earlier format held");
  EXPECT_EQ(state.outcome, Outcome::kDamaged);
  EXPECT_THAT(state.problem, HasSubstr("not in use any more"));
}

TEST_F(StateFile, IsDamagedWhenItIsAnothersFile) {
  const StoredState state = ReadThis("probe:\n  interval: 5m\n");
  EXPECT_EQ(state.outcome, Outcome::kDamaged);
  EXPECT_THAT(state.problem, HasSubstr("not a state file"));
}

TEST_F(StateFile, IsDamagedWhenItIsADirectory) {
  EXPECT_EQ(ReadStateFile(directory_.path(), Any).outcome, Outcome::kDamaged);
}

TEST_F(StateFile, AllocatesNothingForAHugeFrame) {
  const StoredState state = ReadThis(Sealed(Start() + NumberOf(0xffffffff)));
  EXPECT_EQ(state.outcome, Outcome::kDamaged);
  EXPECT_EQ(state.problem, "a frame is too long");
}

TEST_F(StateFile, AllocatesNothingForALongHead) {
  std::string bytes = Start();
  bytes.replace(kVersionAt + 4, 4, NumberOf(0xffffffff));
  EXPECT_EQ(ReadThis(Sealed(bytes)).problem, "its head is too long");
}

TEST_F(StateFile, AllocatesNothingForAFrameThatGrowsTooMuch) {
  const StoredState state = ReadThis(Sealed(Start() + Frame(std::string(kFrameMax + 1, '\0'))));
  EXPECT_EQ(state.problem, "a frame cannot be unpacked");
}

TEST_F(StateFile, IsDamagedWhenAFrameIsNotPacked) {
  const StoredState state = ReadThis(Sealed(Start() + NumberOf(8) + "unpacked" + NumberOf(0)));
  EXPECT_EQ(state.problem, "a frame cannot be unpacked");
}

// Wherever a count may stand in it.
TEST_F(StateFile, SurvivesHugeCountsInARecord) {
  const std::string record = Encoded(FullRecord());
  const std::string start = Start();
  for (std::size_t at = 0; at + 4 <= record.size(); ++at) {
    std::string huge = record;
    huge.replace(at, 4, NumberOf(0xffffffff));
    const StoredState state = ReadThis(Sealed(start + Frame(huge) + NumberOf(0)));
    ASSERT_TRUE(state.problem.empty() || state.problem == "a record is cut short") << state.problem;
  }
}

TEST_F(StateFile, IsDamagedWhenARecordGoesOnBehindItsFrame) {
  const std::string record = Encoded(FullRecord());
  EXPECT_EQ(ReadThis(Sealed(Start() + Frame(record.substr(0, 8)) + NumberOf(0))).problem,
            "a record is cut short");
}

// The checksum is right, so a program wrote it: no reason to forget what it says of others.
TEST_F(StateFile, LosesOnlyTheRecordThatIsWrong) {
  const StoredState state = ReadThis(
      Sealed(Start() + Frame(NumberOf(4) + "none" + Encoded(FullRecord("b.test"))) + NumberOf(0)));
  EXPECT_EQ(state.outcome, Outcome::kRead);
  EXPECT_EQ(state.wrong_records, 1U);
  EXPECT_TRUE(state.records.contains("b.test"));
}

TEST_F(StateFile, StaysAsItWasUntilTheNewOneIsWhole) {
  Write({FullRecord("a.test")});
  {
    StateFileWriter writer(file_, kFinishedAt);
    writer.Append(Encoded(FullRecord("b.test")));
    EXPECT_TRUE(ReadStateFile(file_, Any).records.contains("a.test"));
  }
  EXPECT_TRUE(ReadStateFile(file_, Any).records.contains("a.test"));
}

TEST_F(StateFile, LeavesNothingElseBehind) {
  Write({FullRecord()});
  {
    const StateFileWriter given_up(file_, kFinishedAt);
  }
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(directory_.path())) {
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST_F(StateFile, ReplacesWhatAKilledWriterLeft) {
  WriteAll(file_ + ".tmp", "half a file");
  Write({FullRecord()});
  EXPECT_THAT(ReadStateFile(file_, Any).records, SizeIs(1));
}

TEST_F(StateFile, SaysWhyItCannotBeCreated) {
  StateFileWriter writer(directory_.File("nowhere/state"), kFinishedAt);
  EXPECT_FALSE(writer.Commit());
  EXPECT_THAT(writer.error(), HasSubstr("nowhere/state cannot be created: No such file"));
}

}  // namespace
}  // namespace exporter
