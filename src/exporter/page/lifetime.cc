#include "exporter/page/lifetime.h"

#include <algorithm>

#include "exporter/page/moment.h"

namespace exporter::page {
namespace {

// Whoever renews when a third is left has missed it twice by then.
constexpr double kLittle = 0.15;

double ShareLeft(const Lifetime& lifetime) {
  const auto& [begin, end] = lifetime.certificate;
  const std::chrono::duration<double> whole = end - begin;
  const std::chrono::duration<double> left =
      end - std::chrono::floor<std::chrono::seconds>(lifetime.now);
  return whole.count() <= 0 ? 0 : std::clamp(left / whole, 0.0, 1.0);
}

}  // namespace

Html& operator<<(Html& html, const Lifetime& lifetime) {
  const double share = ShareLeft(lifetime);
  html
      << R"(<span class="lifetime )"
      << (share <= 0        ? Markup("over")
          : share < kLittle ? Markup("little")
                            : Markup("enough"))
      << R"("><span class="left">)" << TimeLeft(lifetime.certificate.not_after, lifetime.now)
      << R"(</span><svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">)"
      << R"(<rect class="whole" width="100" height="4"/><rect class="rest" width=")"
      << static_cast<int>(share * 100 + 0.5) << R"(" height="4"/></svg><span class="until">until )"
      << Day{lifetime.certificate.not_after} << "</span></span>";
  return html;
}

}  // namespace exporter::page
