#include "checks/leaves.h"

#include <algorithm>

#include "matrix_federation/label.h"
#include "text.h"

namespace matrix_federation {
namespace {

constexpr std::size_t kAddressesNamedMax = 4;

const CertificateFacts& Facts(const ServedLeaf& leaf) {
  return leaf.tls->chain->certificates.front();
}

bool IsGood(const ServedLeaf& leaf) { return leaf.tls->failure() == nullptr; }

void Add(std::vector<ServedLeaf>& leaves, const std::optional<TlsObservation>& tls,
         const SocketAddress& address) {
  if (!tls || !tls->chain) return;
  const std::string& fingerprint = tls->chain->certificates.front().fingerprint_sha256;
  const auto known = std::find_if(leaves.begin(), leaves.end(), [&](const ServedLeaf& leaf) {
    return Facts(leaf).fingerprint_sha256 == fingerprint;
  });
  if (known == leaves.end()) {
    leaves.push_back({&*tls, {address}});
  } else {
    known->addresses.push_back(address);
  }
}

// "a", "a and b", "a, b and 7 more".
std::string Names(const ServedLeaf& leaf) {
  std::vector<std::string> names;
  for (const SocketAddress& address : leaf.addresses) names.push_back(address.ToString());
  if (names.size() > kAddressesNamedMax) {
    const std::string rest = std::to_string(names.size() - kAddressesNamedMax + 1) + " more";
    names.resize(kAddressesNamedMax - 1);
    names.push_back(rest);
  }
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : Join(names, ", ") + " and " + last;
}

std::string Serves(const ServedLeaf& leaf) {
  return Names(leaf) + (leaf.addresses.size() == 1 ? " serves " : " serve ");
}

std::string Until(const ServedLeaf& leaf) {
  return "valid until " + ToRfc3339(Facts(leaf).not_after);
}

std::string CompareDates(const ServedLeaf& older, const ServedLeaf& newer) {
  if (Facts(older).not_after == Facts(newer).not_after) {
    return Serves(older) + "certificate " + Facts(older).serial_number + ", " + Serves(newer) +
           Facts(newer).serial_number + "; give all addresses the same one";
  }
  return "the certificate " + SubjectOf(Facts(older)) + " served on " + Names(older) + " is " +
         Until(older) + ", the one on " + Names(newer) + " is " + Until(newer) +
         ": the renewal, or the reload after it, did not reach " + Names(older);
}

std::string EachFault(const std::vector<ServedLeaf>& leaves) {
  std::string text = "the addresses serve different certificates, none of them good";
  for (const ServedLeaf& leaf : leaves) {
    text += ". " + Names(leaf) + ": " + leaf.tls->failure()->detail;
  }
  return ToSentence(text);
}

}  // namespace

std::vector<ServedLeaf> LeavesOf(const std::vector<EndpointObservation>& endpoints) {
  std::vector<ServedLeaf> leaves;
  for (const auto& endpoint : endpoints) Add(leaves, endpoint.tls, endpoint.address);
  return leaves;
}

std::vector<ServedLeaf> LeavesOf(const std::vector<WellKnownAddress>& answers) {
  std::vector<ServedLeaf> leaves;
  for (const auto& answer : answers) Add(leaves, answer.tls, answer.address);
  return leaves;
}

const ServedLeaf* BestOf(const std::vector<ServedLeaf>& leaves) {
  const ServedLeaf* best = nullptr;
  for (const ServedLeaf& leaf : leaves) {
    if (!IsGood(leaf)) continue;
    if (best == nullptr || Facts(leaf).not_after > Facts(*best).not_after) best = &leaf;
  }
  return best;
}

std::string Contrast(const ServedLeaf& faulty, const ServedLeaf& good, SystemTime now) {
  const CertificateFacts& facts = Facts(faulty);
  if (faulty.tls->failure()->reason == Reason::kTlsCertExpired &&
      std::chrono::floor<std::chrono::seconds>(now) >= facts.not_after) {
    return "the certificate " + SubjectOf(facts) + " served on " + Names(faulty) + " expired on " +
           ToRfc3339(facts.not_after) + ", " + Ago(facts.not_after, now) + "; " + Serves(good) +
           "the renewed one, " + Until(good) + ": the reload did not reach " + Names(faulty) +
           "; bring the renewed one there, if it is not, and reload the server";
  }
  return Names(faulty) + ": " + faulty.tls->failure()->detail + ". " + Serves(good) +
         "a good one, " + Until(good) + ": put that one on " + Names(faulty) + " too";
}

std::string DescribeDifference(const std::vector<ServedLeaf>& leaves, SystemTime now) {
  const ServedLeaf* best = BestOf(leaves);
  if (best == nullptr) return EachFault(leaves);
  const std::string rest =
      leaves.size() == 2 ? ""
                         : " (" + std::to_string(leaves.size()) + " different certificates in all)";
  const auto faulty = std::find_if_not(leaves.begin(), leaves.end(), IsGood);
  if (faulty != leaves.end()) return Contrast(*faulty, *best, now) + rest;
  const auto oldest = std::min_element(
      leaves.begin(), leaves.end(),
      [](const auto& a, const auto& b) { return Facts(a).not_after < Facts(b).not_after; });
  // Of equal dates the first is both.
  return CompareDates(&*oldest == best ? leaves.back() : *oldest, *best) + rest;
}

}  // namespace matrix_federation
