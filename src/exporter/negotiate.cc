#include "exporter/negotiate.h"

#include <array>

#include "web/accept.h"

namespace exporter {
namespace {

// By preference of those who have none: what everybody understands.
constexpr std::array kOffered = {Format::kText, Format::kOpenMetrics};

}  // namespace

Format NegotiateFormat(std::string_view accept) {
  const std::array types = {MediaType(kOffered[0]), MediaType(kOffered[1])};
  return kOffered.at(web::BestMediaType(accept, types).value_or(0));
}

}  // namespace exporter
