#include "exporter/api/tester.h"

#include <nlohmann/json.hpp>

#include "exporter/api/answers.h"
#include "exporter/api/last_result.h"
#include "exporter/api/tester_report.h"
#include "web/query.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;

web::Response WithCors(web::Response response) {
  response.fields.push_back({"Access-Control-Allow-Origin", "*"});
  response.fields.push_back({"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"});
  response.fields.push_back({"Access-Control-Allow-Headers",
                             "Origin, X-Requested-With, Content-Type, Accept, Authorization"});
  return response;
}

// The last result, or what is answered in its place.
LastResult Find(const Board& board, const web::Request& request, SystemTime now) {
  if (request.method == "OPTIONS") return {.refusal = {}};
  const auto name = web::QueryValue(request.query, "server_name");
  if (!name || name->empty()) {
    return {.refusal = web::Text(400, "the parameter server_name is missing\n")};
  }
  return FindLastResult(board, *name, now);
}

web::Response TooLarge() {
  return web::Text(500, "the last report is larger than what is kept of one\n");
}

}  // namespace

web::Response AnswerTesterReport(const Board& board, const web::Request& request, SystemTime now) {
  LastResult found = Find(board, request, now);
  if (!found.standing) return WithCors(std::move(found.refusal));
  const Snapshot& last = *found.standing->last;
  const Details details = Unpack(last.packed_details);
  const Json report = Json::parse(details.report, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return WithCors(TooLarge());
  web::Response response =
      web::Text(200, TesterReport(report, details.key_documents, last.finished_at));
  response.content_type = "application/json";
  response.compressible = true;
  return WithCors(std::move(response));
}

web::Response AnswerTesterVerdict(const Board& board, const web::Request& request, SystemTime now) {
  LastResult found = Find(board, request, now);
  if (!found.standing) return WithCors(std::move(found.refusal));
  const Details details = Unpack(found.standing->last->packed_details);
  const Json report = Json::parse(details.report, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return WithCors(TooLarge());
  web::Response response = web::Text(200, TesterVerdict(report) ? "GOOD" : "BAD");
  response.content_type = "text/plain";
  return WithCors(std::move(response));
}

}  // namespace exporter
