#include "exporter/state_codec.h"

namespace exporter {
namespace {

// The end of the year 9999: what a certificate can say.
constexpr std::int64_t kSecondsMax = 253'402'300'799;

}  // namespace

void StateDecoder::Fail() {
  ok_ = false;
  rest_ = {};
}

std::string_view StateDecoder::Take(std::size_t count) {
  if (count > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

void StateDecoder::operator()(bool& value) {
  std::uint8_t number = 0;
  (*this)(number);
  if (number > 1) Fail();
  value = number == 1;
}

void StateDecoder::operator()(std::string_view& text) {
  std::uint32_t length = 0;
  (*this)(length);
  text = Take(length);
}

void StateDecoder::operator()(std::string& text) {
  std::string_view view;
  (*this)(view);
  text = view;
}

// Of results: never before the epoch.
void StateDecoder::operator()(matrix_federation::SystemTime& time) {
  std::uint64_t count = 0;
  (*this)(count);
  const auto since_epoch = static_cast<std::int64_t>(count);
  if (since_epoch < 0) Fail();
  if (ok_)
    time = matrix_federation::SystemTime(matrix_federation::SystemTime::duration(since_epoch));
}

void StateDecoder::operator()(matrix_federation::SystemSeconds& time) {
  std::uint64_t count = 0;
  (*this)(count);
  const auto since_epoch = static_cast<std::int64_t>(count);
  if (since_epoch < matrix_federation::kCertificateTimeMin.time_since_epoch().count() ||
      since_epoch > kSecondsMax)
    Fail();
  if (ok_) time = matrix_federation::SystemSeconds(std::chrono::seconds(since_epoch));
}

}  // namespace exporter
