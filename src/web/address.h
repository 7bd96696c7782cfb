#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace web {

/// Where to listen, as Prometheus' exporters write it.
struct Address {
  std::optional<boost::asio::ip::address> ip;  // none: all addresses of the machine
  std::uint16_t port = 0;                      // 0: the system chooses
};

/// ":10448", "127.0.0.1:9999", "[::1]:9999", "[fe80::1%eth0]:9999". Otherwise none, with what is
/// wrong and what to write instead in `error`. Names are refused: what they stand for can change.
std::optional<Address> ParseAddress(std::string_view text, std::string& error);

}  // namespace web
