// State files: the input is what follows the signature and the version, up to the checksum, which
// is made to fit. What is read obeys the rules of histories and of the exposition, and reads back.

#include "exporter/state_file.h"

#include <openssl/sha.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "property.h"
#include "web/compress.h"

using exporter::Block;
using exporter::kMetricCount;
using exporter::StateRecord;
using exporter::StoredState;
using fuzz::Require;

namespace {

// A file in memory.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("state", MFD_CLOEXEC)) {
    Require(write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "a file in memory can be written");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] std::string name() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// What follows the version, up to the checksum.
std::string Body(std::string_view input) {
  if (input.empty() || input.front() != 'p') return std::string(input);
  // Mutations of packed records would hardly ever unpack.
  exporter::StateDecoder decoder(input.substr(1));
  std::string_view head;
  std::string_view records;
  decoder(head);
  decoder(records);
  std::string body;
  exporter::StateEncoder encoder(body);
  encoder(head);
  if (!records.empty()) encoder(std::string_view(web::Gzip(records)));
  encoder(std::uint32_t{0});
  return body;
}

std::string FileWith(std::string_view input) {
  std::string bytes = "MFE-STATE\n";
  exporter::StateEncoder encoder(bytes);
  encoder(exporter::kStateVersion);
  bytes += Body(input);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  bytes.append(digest.begin(), digest.end());
  return bytes;
}

void CheckBlock(const Block& block) {
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    const std::string slice = block.TextOf(family);
    Require(slice.empty() || slice.ends_with('\n'), "a slice is lines");
    for (const char c : slice) {
      Require(c == '\n' || (c >= ' ' && c != 0x7f) || c < 0, "a slice can be shown");
    }
  }
}

std::string Encoded(const StateRecord& record) {
  std::string bytes;
  Require(
      exporter::AppendRecord(
          record.server_name, record.history, record.block,
          record.summary ? &*record.summary : nullptr,
          record.summary ? exporter::Unpack(record.packed_details) : exporter::Details(), bytes),
      "a record of a file of some kilobytes is not too large");
  return bytes;
}

void CheckRecord(const StateRecord& record) {
  CheckBlock(record.block);
  for (const auto& seen : record.history.certificates) {
    for (const auto& chain : seen.chains) {
      Require(chain && !chain->certificates.empty(), "a chain has a certificate");
    }
  }
  exporter::WrittenFamilies families;
  for (std::size_t family = 0; family < kMetricCount; ++family) families.emplace_back(family);
  const std::string bytes = Encoded(record);
  exporter::StateDecoder decoder(bytes);
  const auto again = exporter::TakeRecord(decoder, families);
  Require(again && decoder.empty(), "a record that was read can be written and read");
  Require(Encoded(*again) == bytes, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(FileWith(fuzz::ToText(data, size)));
  const StoredState state = exporter::ReadStateFile(file.name(), [](auto&) { return true; });
  Require(state.outcome == StoredState::Outcome::kRead ||
              state.outcome == StoredState::Outcome::kDamaged,
          "read, or damaged");
  Require((state.outcome == StoredState::Outcome::kDamaged) == !state.problem.empty(),
          "damage is explained");
  Require(state.outcome == StoredState::Outcome::kRead || state.records.empty(),
          "nothing is taken from a damaged file");
  for (const auto& [name, record] : state.records) {
    Require(name == record.server_name, "a record is found by its name");
    CheckRecord(record);
  }
  return 0;
}
