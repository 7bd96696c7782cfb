#include "exporter/documentation.h"

#include "matrix_federation/check.h"

namespace exporter {

std::string CheckList() {
  std::string out;
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    out += std::string(check->name) + " (" + std::string(Word(check->severity)) + ")\n    " +
           std::string(check->summary) + "\n    Source: " + std::string(check->citation) +
           "\n    Fails with:";
    for (const std::string_view code : check->codes) out += " " + std::string(code);
    out += "\n";
  }
  return out;
}

std::string VersionText() {
  return "matrix-federation-exporter, version " MATRIX_FEDERATION_EXPORTER_VERSION
         " (revision: " MATRIX_FEDERATION_EXPORTER_REVISION
         ")\n  built with: " MATRIX_FEDERATION_EXPORTER_COMPILER "\n";
}

}  // namespace exporter
