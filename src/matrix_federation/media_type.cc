#include "media_type.h"

#include "text.h"

namespace matrix_federation {

bool IsJsonMediaType(std::string_view content_type) {
  return ToLower(Trim(content_type.substr(0, content_type.find(';')))) == "application/json";
}

}  // namespace matrix_federation
