#include "checks/all_checks.h"
#include "checks/services.h"

namespace matrix_federation {
namespace {

// _matrix._tcp is deprecated since v1.8 of the specification; _matrix-fed._tcp replaces it.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kDeprecatedSrvUsed),
});

Verdict Judge(const Observation& seen) {
  const SrvObservation* found = FoundServices(seen);
  if (found == nullptr) return Verdict::NotApplicable();
  if (!found->deprecated) return Verdict::Pass();
  return Verdict::Warn(
      {Warning::kDeprecatedSrvUsed, "the destination came from " + found->name +
                                        "; publish the same record under _matrix-fed._tcp"});
}

}  // namespace

const Check srv_uses_current_name{
    .name = "srv_uses_current_name",
    .severity = Severity::kWarning,
    .summary =
        "SRV records stand under _matrix-fed._tcp, not only under the deprecated _matrix._tcp.",
    .citation = "server-server API, Resolving server names steps 3.4 and 5 (deprecated)",
    .why = R"(The specification has deprecated `_matrix._tcp` with version 1.8. Tuwunel has had
releases that do not ask for it, and a proposal (MSC4344) would remove it.)",
    .fix = R"(Publish the same record under `_matrix-fed._tcp`, and keep the old one beside it
for old software.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.
    _matrix._tcp.example.org.      3600  IN  SRV  10 5 8448 matrix.example.org.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
