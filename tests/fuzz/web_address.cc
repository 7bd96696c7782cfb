// Addresses to listen at: the input is the text. What is accepted reads back from how the system
// writes it; what is refused is explained.

#include "web/address.h"

#include "property.h"

using fuzz::Require;

namespace {

std::string Write(const web::Address& address) {
  std::string host;
  if (address.ip) {
    host = address.ip->to_string();
    if (address.ip->is_v6()) host = "[" + host + "]";
  }
  return host + ":" + std::to_string(address.port);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::ToText(data, size);
  std::string error;
  const auto address = web::ParseAddress(text, error);
  Require(address.has_value() == error.empty(), "an address, or an explanation");
  if (!address) return 0;
  const auto again = web::ParseAddress(Write(*address), error);
  Require(again.has_value(), "what is written reads back");
  Require(again->ip == address->ip && again->port == address->port, "it is the same address");
  return 0;
}
