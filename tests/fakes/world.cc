#include "fakes/world.h"

#include "fakes/run.h"
#include "fakes/signing_key.h"

namespace matrix_federation::fakes {

FakeWorld::FakeWorld(SystemTime now)
    : clock(now), certificates(VerifierTrusting({TestCa().root().certificate()})) {}

void FakeWorld::AddHomeserver(const std::string& address, const std::string& server_name,
                              const std::string& certificate_name) {
  const KnockResult answers =
      Answered(TestCa().ChainFor(certificate_name), JsonAnswer(200, KeysDocument(server_name)),
               SynapseVersion());
  federation.Listen(address, [answers](const Endpoint&, int) { return answers; });
}

void FakeWorld::AddWellKnown(const std::string& address, const std::string& host,
                             const std::string& body) {
  const WebResponse response = Respond(200, body, TestCa().ChainFor(host));
  web.Listen(address, [response](const WebRequest&) { return response; });
}

Observation FakeWorld::Look(const std::string& name) {
  return Run(Observe(name, world(), options));
}

Report FakeWorld::Probe(const std::string& name) { return Judge(Look(name)); }

}  // namespace matrix_federation::fakes
