#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/page/entry.h"

namespace exporter::page {

enum class Order : std::uint8_t { kUrgency, kCertificate, kName };
inline constexpr std::array kOrders = {Order::kUrgency, Order::kCertificate, Order::kName};

/// "urgency", "certificate", "name": in URLs.
std::string_view Word(Order order);

/// What the list is asked for, as it stands in its URL.
struct ListQuery {
  std::string search;                // part of a name or a group, in any case
  std::optional<State> state;        // none: all
  std::optional<std::string> group;  // likewise
  Order order = Order::kUrgency;
  std::size_t page = 1;

  /// The link to it, from the list itself: "?state=failing", or "./" for what it is by default.
  [[nodiscard]] std::string Link() const;
};

struct ParsedListQuery {
  ListQuery query;
  std::string mistake;  // a sentence, when something of it is wrong; the rest is as it should be
};

/// Empty values are as if they were not there: that is how browsers send a form. A parameter that
/// does not exist, or a value that may not stand there, is a mistake.
ParsedListQuery ParseListQuery(std::string_view text);

}  // namespace exporter::page
