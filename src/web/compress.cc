#include "web/compress.h"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace web {
namespace {

constexpr int kFastest = 1;

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const {
    libdeflate_free_decompressor(decompressor);
  }
};

// The last member of a gzip trailer (RFC 1952 section 2.3.1).
constexpr std::size_t kSizeBytes = 4;

}  // namespace

std::string Gzip(std::string_view plain) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kFastest));
  if (!compressor) throw std::bad_alloc();
  const std::size_t bound = libdeflate_gzip_compress_bound(compressor.get(), plain.size());
  // Not a string: filling it with zeros would touch every page of a bound as large as the input.
  const auto packed = std::make_unique_for_overwrite<char[]>(bound);
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), plain.data(), plain.size(), packed.get(), bound);
  if (size == 0) throw std::bad_alloc();
  return {packed.get(), size};
}

std::optional<std::string> Gunzip(std::string_view packed, std::size_t max) {
  if (packed.size() < kSizeBytes) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kSizeBytes; ++i) {
    size = size << 8 | static_cast<unsigned char>(packed[packed.size() - 1 - i]);
  }
  if (size > max) return std::nullopt;
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  std::string plain(size, '\0');
  std::size_t taken = 0;
  std::size_t written = 0;
  const auto result =
      libdeflate_gzip_decompress_ex(decompressor.get(), packed.data(), packed.size(), plain.data(),
                                    plain.size(), &taken, &written);
  if (result != LIBDEFLATE_SUCCESS || taken != packed.size() || written != size) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace web
