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

}  // namespace web
