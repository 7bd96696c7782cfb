#include "exporter/state_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "web/compress.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;
using Outcome = StoredState::Outcome;

constexpr std::string_view kSignature = "MFE-STATE\n";
constexpr std::size_t kHeadMax = std::size_t{64} * 1024;
constexpr std::size_t kFamiliesMax = 0xff;
constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kChecksumChunk = std::size_t{256} * 1024;

std::string ErrorText(int error) { return std::generic_category().message(error); }

std::string DirectoryOf(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

// Makes a rename survive the machine, where the file system knows how to.
bool SynchronizeDirectory(const std::string& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = fsync(descriptor) == 0 || errno == EINVAL;
  const int error = errno;
  close(descriptor);
  errno = error;
  return done;
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void Update(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  std::string Finish() {
    std::array<unsigned char, kDigestSize> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return {digest.begin(), digest.end()};
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// What follows the signature and the version.
std::string Head(SystemTime now) {
  std::string head;
  StateEncoder encoder(head);
  encoder(now);
  encoder(static_cast<std::uint32_t>(kMetricCount));
  for (const MetricDef& metric : AllMetrics()) encoder(metric.name);
  return head;
}

// A file that is read twice: for its checksum, then for what it says.
class Input {
 public:
  explicit Input(const std::string& file)
      // A pipe in its place must not hold up the start.
      : descriptor_(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), open_error_(errno) {
    struct stat status{};
    if (descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
      size_ = static_cast<std::size_t>(status.st_size);
      is_file_ = true;
    }
  }
  ~Input() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  [[nodiscard]] bool is_absent() const { return descriptor_ < 0 && open_error_ == ENOENT; }
  [[nodiscard]] std::size_t left() const { return size_ - at_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // Whether there is something to be read at all.
  bool IsReadable() {
    if (descriptor_ < 0) problem_ = "it cannot be read: " + ErrorText(open_error_);
    if (descriptor_ >= 0 && !is_file_) problem_ = "it is not a regular file";
    return problem_.empty();
  }

  void Rewind() { at_ = 0; }

  // The next `count` bytes; false when the file ends before.
  bool Take(std::size_t count, std::string& bytes) {
    if (count > left()) return Fail("it is cut short");
    bytes.resize(count);
    for (std::size_t done = 0; done < count;) {
      const auto got =
          pread(descriptor_, bytes.data() + done, count - done, static_cast<off_t>(at_ + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Fail("it cannot be read: " + ErrorText(errno));
      if (got == 0) return Fail("it is cut short");
      done += static_cast<std::size_t>(got);
    }
    at_ += count;
    return true;
  }

  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

 private:
  int descriptor_;
  int open_error_;
  bool is_file_ = false;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
  std::string problem_;
};

template <typename Number>
bool TakeNumber(Input& input, Number& number) {
  std::string bytes;
  if (!input.Take(sizeof number, bytes)) return false;
  StateDecoder decoder(bytes);
  decoder(number);
  return true;
}

bool TakeVersion(Input& input, std::uint32_t& version) {
  std::string signature;
  if (input.left() < kSignature.size() || !input.Take(kSignature.size(), signature) ||
      signature != kSignature) {
    return input.Fail("it is not a state file");
  }
  if (!TakeNumber(input, version)) return false;
  return version > 0 || input.Fail("its version is 0");
}

bool HasRightChecksum(Input& input) {
  if (input.left() < kDigestSize) return input.Fail("it is cut short");
  input.Rewind();
  Sha256 sha256;
  std::string bytes;
  while (input.left() > kDigestSize) {
    if (!input.Take(std::min(kChecksumChunk, input.left() - kDigestSize), bytes)) return false;
    sha256.Update(bytes);
  }
  if (!input.Take(kDigestSize, bytes)) return false;
  return bytes == sha256.Finish() || input.Fail("its checksum is wrong");
}

std::optional<std::size_t> FamilyOf(std::string_view name) {
  const auto all = AllMetrics();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& metric) { return metric.name == name; });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

bool TakeHead(Input& input, StoredState& state, WrittenFamilies& families) {
  std::uint32_t size = 0;
  std::string head;
  if (!TakeNumber(input, size)) return false;
  if (size > kHeadMax) return input.Fail("its head is too long");
  if (!input.Take(size, head)) return false;
  StateDecoder decoder(head);
  decoder(state.written_at);
  decoder.List(families, kFamiliesMax, [&](auto& family) {
    std::string_view name;
    decoder(name);
    family = FamilyOf(name);
  });
  return (decoder.ok() && decoder.empty()) || input.Fail("its head is wrong");
}

bool TakeRecords(Input& input, const WrittenFamilies& families,
                 const std::function<bool(const std::string&)>& wanted, StoredState& state) {
  std::string frame;
  while (true) {
    std::uint32_t size = 0;
    if (!TakeNumber(input, size)) return false;
    if (size == 0) break;
    if (size > kFrameMax) return input.Fail("a frame is too long");
    if (!input.Take(size, frame)) return false;
    const auto records = web::Gunzip(frame, kFrameMax);
    if (!records) return input.Fail("a frame cannot be unpacked");
    StateDecoder decoder(*records);
    while (!decoder.empty()) {
      auto record = TakeRecord(decoder, families);
      if (!decoder.ok()) return input.Fail("a record is cut short");
      if (!record) ++state.wrong_records;
      if (!record || !wanted(record->server_name)) continue;
      std::string name = record->server_name;
      state.records.emplace(std::move(name), std::move(*record));
    }
  }
  return input.left() == kDigestSize || input.Fail("something stands behind its end");
}

bool Read(Input& input, const std::function<bool(const std::string&)>& wanted, StoredState& state) {
  WrittenFamilies families;
  std::uint32_t version = 0;
  if (!input.IsReadable() || !TakeVersion(input, version)) return false;
  if (version > kStateVersion) {
    state.outcome = Outcome::kNewer;
    state.version = version;
    return true;
  }
  if (version < kStateVersion) return input.Fail("its format is not in use any more");
  if (!HasRightChecksum(input)) return false;
  input.Rewind();
  return TakeVersion(input, version) && TakeHead(input, state, families) &&
         TakeRecords(input, families, wanted, state);
}

}  // namespace

class StateFileWriter::Checksum : public Sha256 {};

StateFileWriter::StateFileWriter(std::string file, SystemTime now)
    : file_(std::move(file)), temporary_(file_ + ".tmp"), checksum_(std::make_unique<Checksum>()) {
  // One that a killed run left behind, whoever may read it.
  unlink(temporary_.c_str());
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    Fail("cannot be created");
    return;
  }
  std::string start(kSignature);
  StateEncoder encoder(start);
  encoder(kStateVersion);
  encoder(std::string_view(Head(now)));
  Write(start);
}

StateFileWriter::~StateFileWriter() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

void StateFileWriter::Append(std::string_view records) {
  if (records.empty() || !error_.empty()) return;
  const std::string packed = web::Gzip(records);
  WriteSize(packed.size());
  Write(packed);
}

bool StateFileWriter::Commit() {
  WriteSize(0);
  Write(checksum_->Finish());
  if (error_.empty() && fsync(descriptor_) != 0) Fail("cannot be written");
  if (!error_.empty()) return false;
  close(std::exchange(descriptor_, -1));
  if (rename(temporary_.c_str(), file_.c_str()) != 0) {
    Fail("cannot be replaced");
    unlink(temporary_.c_str());
    return false;
  }
  if (!SynchronizeDirectory(DirectoryOf(file_))) Fail("may be lost with the machine's power");
  return error_.empty();
}

void StateFileWriter::WriteSize(std::size_t size) {
  std::string bytes;
  StateEncoder encoder(bytes);
  encoder(static_cast<std::uint32_t>(size));
  Write(bytes);
}

void StateFileWriter::Write(std::string_view bytes) {
  checksum_->Update(bytes);
  while (error_.empty() && !bytes.empty()) {
    const auto written = write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      Fail("cannot be written");
    }
  }
}

void StateFileWriter::Fail(std::string_view what) {
  error_ = file_ + " " + std::string(what) + ": " + ErrorText(errno);
}

StoredState ReadStateFile(const std::string& file,
                          const std::function<bool(const std::string&)>& wanted) {
  StoredState state;
  Input input(file);
  if (input.is_absent()) {
    state.outcome = Outcome::kAbsent;
  } else if (!Read(input, wanted, state)) {
    state = {};
    state.outcome = Outcome::kDamaged;
    state.problem = input.problem();
  }
  return state;
}

}  // namespace exporter
