#include "exporter/page/routes.h"

#include <algorithm>
#include <chrono>

#include "exporter/page/assets.h"
#include "exporter/page/list_page.h"
#include "exporter/page/server_page.h"
#include "web/query.h"

namespace exporter::page {
namespace {

// Nothing but what this program serves may be loaded, run or sent to; the server adds nosniff. The
// referrer goes to this program only: without any, browsers hide the origin of the form that asks
// for a check.
const std::vector<web::Field>& ProtectiveFields() {
  static const std::vector<web::Field> fields = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
       "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "same-origin"}};
  return fields;
}

web::Response Page(unsigned status, std::string html) {
  web::Response response{.status = status,
                         .content_type = "text/html; charset=utf-8",
                         .body = std::make_shared<const std::string>(std::move(html)),
                         .compressible = true,
                         .fields = ProtectiveFields()};
  response.fields.push_back({"Cache-Control", "no-store"});
  return response;
}

web::Response List(const Board& board, const std::string& metrics_path,
                   const web::Request& request) {
  const auto [query, mistake] = ParseListQuery(request.query);
  if (!mistake.empty()) return Page(400, ListMistakePage(mistake, metrics_path));
  const auto now = std::chrono::system_clock::now();
  return Page(200, ListPage(Select(board.rows(), query, now), query, metrics_path, now));
}

// The way to the first page from one whose address ends in this.
std::string RootFrom(const std::string& rest) {
  std::string root = "../";
  for (auto left = std::count(rest.begin(), rest.end(), '/'); left > 0; --left) root += "../";
  return root;
}

web::Response Server(const Board& board, const std::string& metrics_path,
                     const web::Request& request) {
  const auto name = web::PercentDecode(request.rest);
  const Row* const row = name ? board.Find(*name) : nullptr;
  if (row != nullptr) {
    return Page(200, ServerPage(*row, metrics_path, std::chrono::system_clock::now()));
  }
  return Page(404, UnknownServerPage(name.value_or(request.rest), board, RootFrom(request.rest),
                                     metrics_path));
}

web::Response Serve(const Asset& asset) {
  web::Response response{.content_type = std::string(asset.content_type),
                         .body = std::make_shared<const std::string>(asset.content),
                         .compressible = true,
                         .fields = ProtectiveFields()};
  response.fields.push_back({"Cache-Control", "max-age=31536000, immutable"});
  return response;
}

}  // namespace

std::vector<web::Route> Routes(const Board& board, const std::string& telemetry_path) {
  const std::string metrics_path = telemetry_path.substr(1);
  std::vector<web::Route> routes;
  routes.push_back(
      {.path = "/",
       .summary = "every homeserver, for people",
       .handler = [&board, metrics_path](
                      const web::Request& request) { return List(board, metrics_path, request); },
       .takes_parameters = true});
  routes.push_back(
      {.path = "/servers/",
       .summary = "one homeserver by its name, for people",
       .handler = [&board, metrics_path](
                      const web::Request& request) { return Server(board, metrics_path, request); },
       .prefix = true});
  for (const Asset& asset : AllAssets()) {
    routes.push_back({.path = std::string(asset.path),
                      .summary = "part of the page",
                      .handler = [&asset](const web::Request&) { return Serve(asset); }});
  }
  return routes;
}

}  // namespace exporter::page
