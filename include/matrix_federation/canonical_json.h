#pragma once

#include <string>
#include <string_view>

#include "matrix_federation/json_value.h"
#include "matrix_federation/outcome.h"

namespace matrix_federation {

/// The canonical form of a value (Matrix appendices, "Canonical JSON"): shortest UTF-8, members
/// sorted by code point, integers only. Whole numbers written with a fraction or an exponent
/// ("1e10", "-0") become plain integers; integers beyond ±(2^53−1) keep their digits, since readers
/// should cope with them. Fails with canonical_json_unrepresentable for fractions and for numbers
/// of more than 100 digits.
Outcome<std::string> CanonicalJson(const JsonValue& value);

/// The canonical form of an object without some of its members ("signatures" and "unsigned" when a
/// signature is checked).
Outcome<std::string> CanonicalJsonWithout(const JsonValue::Object& object,
                                          std::initializer_list<std::string_view> members);

}  // namespace matrix_federation
