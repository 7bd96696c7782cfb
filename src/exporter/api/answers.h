#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "web/server.h"

namespace exporter {

// What the answers of the API have in common.

/// Members in the order in which they were added.
using Json = nlohmann::ordered_json;

/// One line. Bytes that are no UTF-8 become U+FFFD: whatever homeservers and clients say, it is
/// valid JSON.
std::string Dump(const Json& json);

// Reading what was stored, maybe by another version: what is missing, or of another type, is null.
const Json& Member(const Json& json, const char* name);
const Json& Member(const Json& json, const char* name, const char* below);
/// "" for what is no text.
std::string TextOf(const Json& json);
/// 0 for what is no number.
double NumberOf(const Json& json);
bool IsTrue(const Json& json);

/// A body of JSON, with a line feed behind it. No cache is to keep it.
web::Response JsonAnswer(unsigned status, std::string json);

/// The same answer with its body in parts, compressed where the client accepts that.
web::Response InParts(web::Response response, web::NextPart parts, bool gzip);

/// {"error": "a sentence"} and whatever stands in `further`, an object.
web::Response JsonError(unsigned status, std::string_view sentence, const Json& further);
web::Response JsonError(unsigned status, std::string_view sentence);

/// The same answer, to be asked for again after this time, rounded up to whole seconds: from 1 s to
/// a day.
web::Response RetryAfter(web::Response response, std::chrono::nanoseconds time);

}  // namespace exporter
