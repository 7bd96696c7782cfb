#pragma once

#include <string>

namespace exporter {

/// Expects that `actual` is what the file below tests/testdata holds. With UPDATE_GOLDEN=1 in the
/// environment the file is written instead: then read the difference before you keep it.
void ExpectGolden(const std::string& actual, const std::string& file);

/// The text of a file below tests/testdata; a test failure when it cannot be read.
std::string ReadTestdata(const std::string& file);

/// Expects that `promtool check metrics` has nothing to say of this exposition.
void ExpectPromtoolAgrees(const std::string& exposition);

}  // namespace exporter
