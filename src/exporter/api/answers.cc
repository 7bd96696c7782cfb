#include "exporter/api/answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "web/compress.h"

namespace exporter {
namespace {

class Packed {
 public:
  explicit Packed(web::NextPart plain) : plain_(std::move(plain)) {}

  std::string_view operator()() {
    part_.clear();
    if (ended_) return {};
    const std::string_view plain = plain_();
    ended_ = plain.empty();
    if (ended_) {
      writer_.Finish(part_);
    } else {
      writer_.Append(plain, part_);
    }
    return part_;
  }

 private:
  web::NextPart plain_;
  web::GzipWriter writer_;
  std::string part_;
  bool ended_ = false;
};

}  // namespace

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& Member(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(name);
  return found == json.end() ? kNull : *found;
}

const Json& Member(const Json& json, const char* name, const char* below) {
  return Member(Member(json, name), below);
}

std::string TextOf(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

double NumberOf(const Json& json) { return json.is_number() ? json.get<double>() : 0; }

bool IsTrue(const Json& json) { return json.is_boolean() && json.get<bool>(); }

web::Response JsonAnswer(unsigned status, std::string json) {
  web::Response response = web::Text(status, std::move(json) + "\n");
  response.content_type = "application/json";
  response.compressible = true;
  response.fields.push_back({"Cache-Control", "no-store"});
  return response;
}

web::Response InParts(web::Response response, web::NextPart parts, bool gzip) {
  response.body = nullptr;
  response.next_part = gzip ? web::Parts(Packed(std::move(parts))) : std::move(parts);
  response.is_gzip = gzip;
  response.compressible = true;
  return response;
}

web::Response JsonError(unsigned status, std::string_view sentence, const Json& further) {
  Json json = {{"error", sentence}};
  json.update(further);
  return JsonAnswer(status, Dump(json));
}

web::Response JsonError(unsigned status, std::string_view sentence) {
  return JsonError(status, sentence, Json::object());
}

web::Response RetryAfter(web::Response response, std::chrono::nanoseconds time) {
  const auto seconds = std::clamp<std::chrono::seconds>(
      std::chrono::ceil<std::chrono::seconds>(time), std::chrono::seconds(1), std::chrono::days(1));
  response.fields.push_back({"Retry-After", std::to_string(seconds.count())});
  return response;
}

}  // namespace exporter
