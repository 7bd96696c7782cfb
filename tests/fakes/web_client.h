#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fakes/clock.h"
#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// A web in which servers listen where a test put them; every other address refuses the connection.
/// A response that timed out makes the clock pass the connect timeout. Every request is recorded.
class FakeWebClient : public WebClient {
 public:
  using Server = std::function<WebResponse(const WebRequest&)>;

  explicit FakeWebClient(FakeClock& clock) : clock_(clock) {}

  /// `address` as "192.0.2.10:443" or "[2001:db8::10]:443".
  void Listen(const std::string& address, Server server) { servers_[address] = std::move(server); }

  Awaitable<WebResponse> Get(WebRequest request, Duration connect_timeout,
                             SteadyTime deadline) override;

  [[nodiscard]] const std::vector<WebRequest>& requests() const { return requests_; }

 private:
  FakeClock& clock_;
  std::map<std::string, Server> servers_;
  std::vector<WebRequest> requests_;
};

/// A whole response; `chain` is what an https server presented, empty for http.
WebResponse Respond(int status, std::string body, CertificateChain chain);
/// A redirect with this Location; an empty one stands for none.
WebResponse Redirect(int status, std::string location, CertificateChain chain);

}  // namespace matrix_federation::fakes
