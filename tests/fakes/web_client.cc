#include "fakes/web_client.h"

#include "fakes/tls.h"

namespace matrix_federation::fakes {

Awaitable<WebResponse> FakeWebClient::Get(WebRequest request, Duration connect_timeout,
                                          SteadyTime deadline) {
  if (clock_.Steady() >= deadline) co_return WebResponse{.timed_out = true, .error = "too late"};
  requests_.push_back(request);
  const auto server = servers_.find(request.address.ToString());
  if (server == servers_.end()) co_return WebResponse{.error = "connection refused"};
  WebResponse response = server->second(request);
  if (response.timed_out) clock_.Wait(connect_timeout, deadline);
  if (response.body.size() > request.body_max) {
    response.stage = WebStage::kResponse;
    response.too_large = true;
    response.body.clear();
  }
  co_return response;
}

WebResponse Respond(int status, std::string body, CertificateChain chain) {
  WebResponse response{.stage = WebStage::kDone, .status = status, .body = std::move(body)};
  if (!chain.empty()) response.tls = SessionWith(std::move(chain));
  return response;
}

WebResponse Redirect(int status, std::string location, CertificateChain chain) {
  WebResponse response = Respond(status, "", std::move(chain));
  response.location = std::move(location);
  return response;
}

}  // namespace matrix_federation::fakes
