#include "web/compress.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <memory>
#include <new>
#include <utility>

namespace web {
namespace {

constexpr int kLevel = 1;
// What one call takes: its output must fit into 32 bits.
constexpr std::size_t kPieceMax = std::size_t{1} << 30;
// The magic number, deflate, no flags, no time, unknown system (RFC 1952 section 2.3).
constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
constexpr std::string_view kLastBlock("\x03\0", 2);  // an empty one (RFC 1951 section 3.2.3)

// What deflate makes of incompressible input: stored blocks of 64 KiB with headers of five bytes.
std::size_t Bound(std::size_t size) { return size + (size / 65'535 + 2) * 5 + 256; }

void AppendLittleEndian(std::uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

// The number that a text begins with.
std::uint32_t TakeLittleEndian(std::string_view text) {
  std::uint32_t value = 0;
  for (std::size_t i = sizeof value; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(text[i]);
  }
  return value;
}

// As the library takes its input: by a pointer to what could be changed, and leaves it alone.
std::uint8_t* Input(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

// Whole blocks that refer to nothing before them, ended at a byte.
void Deflate(std::string_view plain, std::string& out) {
  const std::size_t bound = Bound(plain.size());
  // Not strings: filling them with zeros would touch every page of a bound as large as the input.
  const auto packed = std::make_unique_for_overwrite<std::uint8_t[]>(bound);
  const auto tables = std::make_unique_for_overwrite<std::uint8_t[]>(ISAL_DEF_LVL1_DEFAULT);
  const auto stream = std::make_unique<isal_zstream>();
  isal_deflate_stateless_init(stream.get());
  stream->level = kLevel;
  stream->level_buf = tables.get();
  stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream->flush = FULL_FLUSH;
  stream->next_in = Input(plain);
  stream->avail_in = static_cast<std::uint32_t>(plain.size());
  stream->next_out = packed.get();
  stream->avail_out = static_cast<std::uint32_t>(bound);
  if (isal_deflate_stateless(stream.get()) != COMP_OK) throw std::bad_alloc();
  out.append(reinterpret_cast<const char*>(packed.get()), bound - stream->avail_out);
}

// A size: the last member of a gzip trailer (RFC 1952 section 2.3.1).
constexpr std::size_t kSizeBytes = 4;

}  // namespace

void GzipWriter::Append(std::string_view plain, std::string& out) {
  if (!begun_) out += kHeader;
  begun_ = true;
  while (!plain.empty()) {
    const std::string_view piece = plain.substr(0, kPieceMax);
    checksum_ = crc32_gzip_refl(checksum_, reinterpret_cast<const unsigned char*>(piece.data()),
                                piece.size());
    size_ += static_cast<std::uint32_t>(piece.size());
    Deflate(piece, out);
    plain.remove_prefix(piece.size());
  }
}

void GzipWriter::Finish(std::string& out) const {
  if (!begun_) out += kHeader;
  out += kLastBlock;
  AppendLittleEndian(checksum_, out);
  AppendLittleEndian(size_, out);
}

std::string Gzip(std::string_view plain) {
  std::string packed;
  GzipWriter writer;
  writer.Append(plain, packed);
  writer.Finish(packed);
  return packed;
}

std::string DictionaryPacker::Pack(std::string_view plain) const {
  // Half a megabyte of tables, kept: most of the work would be to clear the pages of new ones.
  thread_local const auto stream = std::make_unique<isal_zstream>();
  thread_local const auto tables =
      std::make_unique_for_overwrite<std::uint8_t[]>(ISAL_DEF_LVL1_DEFAULT);
  const std::size_t bound = Bound(plain.size());
  const auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(bound);
  isal_deflate_init(stream.get());
  stream->level = kLevel;
  stream->level_buf = tables.get();
  stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream->end_of_stream = 1;
  isal_deflate_set_dict(stream.get(), Input(dictionary_),
                        static_cast<std::uint32_t>(dictionary_.size()));
  stream->next_in = Input(plain);
  stream->avail_in = static_cast<std::uint32_t>(plain.size());
  stream->next_out = buffer.get();
  stream->avail_out = static_cast<std::uint32_t>(bound);
  if (isal_deflate(stream.get()) != COMP_OK || stream->avail_in != 0) throw std::bad_alloc();
  const std::size_t size = bound - stream->avail_out;
  std::string packed;
  packed.reserve(kSizeBytes + size);
  AppendLittleEndian(static_cast<std::uint32_t>(plain.size()), packed);
  packed.append(reinterpret_cast<const char*>(buffer.get()), size);
  return packed;
}

std::string DictionaryPacker::Unpack(std::string_view packed) const {
  std::string plain(TakeLittleEndian(packed), '\0');
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  isal_inflate_set_dict(state.get(), Input(dictionary_),
                        static_cast<std::uint32_t>(dictionary_.size()));
  state->next_in = Input(packed.substr(kSizeBytes));
  state->avail_in = static_cast<std::uint32_t>(packed.size() - kSizeBytes);
  state->next_out = reinterpret_cast<std::uint8_t*>(plain.data());
  state->avail_out = static_cast<std::uint32_t>(plain.size());
  if (isal_inflate(state.get()) != ISAL_DECOMP_OK) throw std::bad_alloc();
  return plain;
}

std::optional<std::string> Gunzip(std::string_view packed, std::size_t max) {
  if (packed.size() < kSizeBytes || packed.size() > kPieceMax) return std::nullopt;
  const std::size_t size = TakeLittleEndian(packed.substr(packed.size() - kSizeBytes));
  if (size > max) return std::nullopt;
  std::string plain(size, '\0');
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  state->next_in = Input(packed);
  state->avail_in = static_cast<std::uint32_t>(packed.size());
  state->next_out = reinterpret_cast<std::uint8_t*>(plain.data());
  state->avail_out = static_cast<std::uint32_t>(plain.size());
  const bool good = isal_inflate_stateless(state.get()) == ISAL_DECOMP_OK && state->avail_in == 0 &&
                    state->avail_out == 0;
  return good ? std::optional(std::move(plain)) : std::nullopt;
}

}  // namespace web
