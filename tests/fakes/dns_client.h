#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "fakes/clock.h"
#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// A resolver that knows the names it was told. Other names do not exist (NXDOMAIN); a known name
/// without the type asked for answers NODATA; aliases are followed. Every question is recorded.
class FakeDnsClient : public DnsClient {
 public:
  /// How long a question without an answer keeps its asker waiting.
  static constexpr std::chrono::seconds kSilence{10};

  static constexpr int kAlways = std::numeric_limits<int>::max();

  explicit FakeDnsClient(FakeClock& clock) : clock_(clock) {}

  /// The name exists, with or without records.
  void AddName(const std::string& name) { zone_[KeyOf(name)]; }
  /// Adds an A or AAAA record, as the address demands.
  void AddAddress(const std::string& name, const std::string& address);
  void AddService(const std::string& name, SrvRecord record);
  void AddAlias(const std::string& name, const std::string& target);
  /// Questions for this name and type end so from now on, or as often as said.
  void Fail(const std::string& name, DnsType type, DnsStatus status, int times = kAlways);

  Awaitable<std::vector<DnsAnswer>> Query(std::vector<DnsQuestion> questions,
                                          SteadyTime deadline) override;

  /// In the order in which they were asked.
  [[nodiscard]] const std::vector<DnsQuestion>& asked() const { return asked_; }
  [[nodiscard]] bool WasAsked(const std::string& name) const;

 private:
  struct Name {
    std::vector<IpAddress> addresses;
    std::vector<SrvRecord> services;
    std::string alias_of;
    struct Failure {
      DnsStatus status;
      int times;
    };
    std::map<DnsType, Failure> failures;
  };
  static std::string KeyOf(const std::string& name);
  [[nodiscard]] DnsAnswer Answer(const DnsQuestion& question);

  FakeClock& clock_;
  std::map<std::string, Name> zone_;
  std::vector<DnsQuestion> asked_;
};

}  // namespace matrix_federation::fakes
