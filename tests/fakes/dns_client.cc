#include "fakes/dns_client.h"

#include <algorithm>

#include "matrix_federation/text.h"

namespace matrix_federation::fakes {
namespace {

constexpr int kAliasesMax = 8;

}  // namespace

std::string FakeDnsClient::KeyOf(const std::string& name) {
  std::string key = ToLower(name);
  if (key.size() > 1 && key.ends_with('.')) key.pop_back();
  return key;
}

void FakeDnsClient::AddAddress(const std::string& name, const std::string& address) {
  zone_[KeyOf(name)].addresses.push_back(IpAddress::Parse(address).value());
}

void FakeDnsClient::AddService(const std::string& name, SrvRecord record) {
  record.target = KeyOf(record.target);
  zone_[KeyOf(name)].services.push_back(std::move(record));
}

void FakeDnsClient::AddAlias(const std::string& name, const std::string& target) {
  zone_[KeyOf(name)].alias_of = KeyOf(target);
}

void FakeDnsClient::Fail(const std::string& name, DnsType type, DnsStatus status, int times) {
  zone_[KeyOf(name)].failures[type] = {status, times};
}

Awaitable<std::vector<DnsAnswer>> FakeDnsClient::Query(std::vector<DnsQuestion> questions,
                                                       SteadyTime deadline) {
  std::vector<DnsAnswer> answers;
  bool silence = false;
  for (const DnsQuestion& question : questions) {
    asked_.push_back(question);
    answers.push_back(Answer(question));
    silence = silence || answers.back().status == DnsStatus::kTimeout;
  }
  if (silence) clock_.Wait(kSilence, deadline);
  co_return answers;
}

bool FakeDnsClient::WasAsked(const std::string& name) const {
  return std::any_of(asked_.begin(), asked_.end(),
                     [&](const DnsQuestion& each) { return KeyOf(each.name) == KeyOf(name); });
}

DnsAnswer FakeDnsClient::Answer(const DnsQuestion& question) {
  DnsAnswer answer{.status = DnsStatus::kNxdomain};
  auto name = zone_.find(KeyOf(question.name));
  for (int i = 0; i < kAliasesMax && name != zone_.end() && !name->second.alias_of.empty(); ++i) {
    answer.is_alias = question.type != DnsType::kSrv;
    name = zone_.find(name->second.alias_of);
  }
  if (name == zone_.end()) return answer;
  Name& found = name->second;
  if (const auto failure = found.failures.find(question.type);
      failure != found.failures.end() && failure->second.times-- > 0) {
    answer.status = failure->second.status;
    return answer;
  }
  if (question.type == DnsType::kSrv) {
    answer.services = found.services;
  } else {
    const int version = question.type == DnsType::kA ? 4 : 6;
    for (const IpAddress& address : found.addresses) {
      if (address.version() == version) answer.addresses.push_back(address);
    }
  }
  const bool empty = answer.addresses.empty() && answer.services.empty();
  answer.status = empty ? DnsStatus::kNodata : DnsStatus::kFound;
  return answer;
}

}  // namespace matrix_federation::fakes
