#include "exporter/instruments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "matrix_federation/check.h"
#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::DnsStatus;
using matrix_federation::DnsType;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Full(const std::string& name) { return "matrix_federation_exporter_" + name; }

std::vector<std::string> Rendered(const Instruments& instruments, const std::string& name) {
  return SamplesOf(instruments.Render(), Full(name));
}

std::string_view InText(MetricType type) {
  return Word(type == MetricType::kInfo ? MetricType::kGauge : type);
}

// Every instrument has been used once.
void UseAll(Instruments& instruments) {
  instruments.SetConfiguration(7, kFinishedAt, 3);
  instruments.SetInFlightMax(256);
  instruments.CountHttpRequest("/metrics", 200);
  instruments.SetNetworkAvailable(4, true);
  instruments.CountStateFileFailures(0);
  instruments.SetStateFileWritten(kFinishedAt);
}

TEST(Instruments, HaveEveryLegalFailureFromZero) {
  const auto samples = Rendered(Instruments(), "check_failures_total");
  std::size_t pairs = 0;
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    for (const std::string_view code : check->codes) {
      ++pairs;
      EXPECT_THAT(samples,
                  Contains(Full("check_failures_total{check=\"") + std::string(check->name) +
                           "\",reason=\"" + std::string(code) + "\"} 0"));
    }
  }
  EXPECT_EQ(samples.size(), pairs);
}

TEST(Instruments, CountTheFailedChecksOfAReport) {
  Instruments instruments;
  Watched watched;
  instruments.CountReport(watched.Take(ExpiredObservation()));
  EXPECT_THAT(Rendered(instruments, "check_failures_total"),
              Contains(Full("check_failures_total{check=\"certificate_is_in_date\","
                            "reason=\"tls_cert_expired\"} 1")));
}

TEST(Instruments, HeadEveryRowOfTheirTable) {
  Instruments instruments;
  UseAll(instruments);
  const std::string text = instruments.Render();
  for (const InstrumentDef& row : AllInstruments()) {
    const std::string header = "# HELP " + std::string(row.name) + " " + std::string(row.help) +
                               "\n# TYPE " + std::string(row.name) + " " +
                               std::string(InText(row.type)) + "\n" + std::string(row.name);
    EXPECT_NE(text.find(header), std::string::npos) << row.name;
  }
}

TEST(Instruments, PleasePromtool) {
  Instruments instruments;
  UseAll(instruments);
  Watched watched;
  instruments.CountReport(watched.Take(HealthyObservation()));
  ExpectPromtoolAgrees(instruments.Render());
}

TEST(Instruments, LeaveOutFamiliesWithoutSamples) {
  EXPECT_EQ(Instruments().Render().find(Full("http_requests_total")), std::string::npos);
}

TEST(Instruments, FillHistogramsUpToInfinity) {
  Instruments instruments;
  instruments.ObserveLag(250ms);
  instruments.ObserveLag(2min);
  const std::string text = instruments.Render();
  EXPECT_THAT(SamplesOf(text, Full("probe_lag_seconds_bucket")),
              ElementsAre(Full("probe_lag_seconds_bucket{le=\"0.01\"} 0"),
                          Full("probe_lag_seconds_bucket{le=\"0.1\"} 0"),
                          Full("probe_lag_seconds_bucket{le=\"0.5\"} 1"),
                          Full("probe_lag_seconds_bucket{le=\"1.0\"} 1"),
                          Full("probe_lag_seconds_bucket{le=\"5.0\"} 1"),
                          Full("probe_lag_seconds_bucket{le=\"15.0\"} 1"),
                          Full("probe_lag_seconds_bucket{le=\"60.0\"} 1"),
                          Full("probe_lag_seconds_bucket{le=\"+Inf\"} 2")));
  EXPECT_THAT(SamplesOf(text, Full("probe_lag_seconds_sum")),
              ElementsAre(Full("probe_lag_seconds_sum 120.25")));
  EXPECT_THAT(SamplesOf(text, Full("probe_lag_seconds_count")),
              ElementsAre(Full("probe_lag_seconds_count 2")));
}

TEST(Instruments, ObserveThePhasesOfAReport) {
  Instruments instruments;
  Watched watched;
  instruments.CountReport(watched.Take(HealthyObservation()));
  EXPECT_THAT(
      Rendered(instruments, "phase_duration_seconds_sum"),
      testing::UnorderedElementsAre(Full("phase_duration_seconds_sum{phase=\"connect\"} 0.011"),
                                    Full("phase_duration_seconds_sum{phase=\"dns\"} 0.02"),
                                    Full("phase_duration_seconds_sum{phase=\"keys\"} 0.031"),
                                    Full("phase_duration_seconds_sum{phase=\"tls\"} 0.04"),
                                    Full("phase_duration_seconds_sum{phase=\"version\"} 0.012"),
                                    Full("phase_duration_seconds_sum{phase=\"well_known\"} 0.05")));
}

TEST(Instruments, CountDnsQueriesByTypeAndOutcome) {
  Instruments instruments;
  instruments.CountDnsQuery(DnsType::kSrv, DnsStatus::kNxdomain);
  const auto samples = Rendered(instruments, "dns_queries_total");
  EXPECT_THAT(samples, Contains(Full("dns_queries_total{outcome=\"nxdomain\",type=\"SRV\"} 1")));
  EXPECT_THAT(samples, Contains(Full("dns_queries_total{outcome=\"malformed\",type=\"AAAA\"} 0")));
  EXPECT_EQ(samples.size(), 21U);
}

TEST(Instruments, CountHttpRequestsByHandlerAndCode) {
  Instruments instruments;
  instruments.CountHttpRequest("/metrics", 200);
  instruments.CountHttpRequest("/metrics", 200);
  instruments.CountHttpRequest("other", 404);
  EXPECT_THAT(Rendered(instruments, "http_requests_total"),
              testing::UnorderedElementsAre(
                  Full("http_requests_total{code=\"200\",handler=\"/metrics\"} 2"),
                  Full("http_requests_total{code=\"404\",handler=\"other\"} 1")));
}

TEST(Instruments, CountLogMessagesOfEveryLevel) {
  Instruments instruments;
  instruments.CountLogMessage(LogLevel::kWarn);
  EXPECT_THAT(Rendered(instruments, "log_messages_total"),
              testing::UnorderedElementsAre(Full("log_messages_total{level=\"debug\"} 0"),
                                            Full("log_messages_total{level=\"info\"} 0"),
                                            Full("log_messages_total{level=\"warn\"} 1"),
                                            Full("log_messages_total{level=\"error\"} 0")));
}

TEST(Instruments, ShowTheConfigurationInForce) {
  Instruments instruments;
  instruments.SetConfiguration(0xabcd'ffff'ffff'ffff, kFinishedAt, 3);
  const std::string text = instruments.Render();
  EXPECT_THAT(SamplesOf(text, Full("targets")), ElementsAre(Full("targets 3")));
  EXPECT_THAT(SamplesOf(text, Full("config_hash")),
              ElementsAre(Full("config_hash 281474976710655")));
  EXPECT_THAT(SamplesOf(text, Full("config_last_reload_successful")),
              ElementsAre(Full("config_last_reload_successful 1")));
  EXPECT_THAT(SamplesOf(text, Full("config_last_reload_success_timestamp_seconds")),
              ElementsAre(Full("config_last_reload_success_timestamp_seconds 1800000000.5")));
}

TEST(Instruments, RememberThatAReloadFailedUntilOneSucceeds) {
  const auto successful = [](const Instruments& instruments) {
    return Rendered(instruments, "config_last_reload_successful");
  };
  Instruments instruments;
  instruments.SetConfiguration(7, kFinishedAt, 3);
  instruments.SetReloadFailed();
  EXPECT_THAT(successful(instruments), ElementsAre(Full("config_last_reload_successful 0")));
  EXPECT_THAT(Rendered(instruments, "targets"), ElementsAre(Full("targets 3")));
  instruments.SetConfiguration(7, kFinishedAt, 3);
  EXPECT_THAT(successful(instruments), ElementsAre(Full("config_last_reload_successful 1")));
}

TEST(Instruments, ShowWhatIsUnderWay) {
  Instruments instruments;
  instruments.SetInFlightMax(256);
  for (int i = 0; i < 3; ++i) instruments.ProbeStarted();
  instruments.ProbeFinished();
  instruments.AddQueueLength(5);
  instruments.CountSkipped(4);
  instruments.Tick(kFinishedAt);
  const std::string text = instruments.Render();
  EXPECT_THAT(SamplesOf(text, Full("probes_started_total")),
              ElementsAre(Full("probes_started_total 3")));
  EXPECT_THAT(SamplesOf(text, Full("probes_finished_total")),
              ElementsAre(Full("probes_finished_total 1")));
  EXPECT_THAT(SamplesOf(text, Full("probes_in_flight")), ElementsAre(Full("probes_in_flight 2")));
  EXPECT_THAT(SamplesOf(text, Full("probes_in_flight_max")),
              ElementsAre(Full("probes_in_flight_max 256")));
  EXPECT_THAT(SamplesOf(text, Full("probe_queue_length")),
              ElementsAre(Full("probe_queue_length 5")));
  EXPECT_THAT(SamplesOf(text, Full("probes_skipped_total")),
              ElementsAre(Full("probes_skipped_total 4")));
  EXPECT_THAT(SamplesOf(text, Full("scheduler_last_tick_timestamp_seconds")),
              ElementsAre(Full("scheduler_last_tick_timestamp_seconds 1800000000.5")));
}

TEST(Instruments, ShowWhichIpVersionsThisMachineHas) {
  Instruments instruments;
  instruments.SetNetworkAvailable(4, true);
  instruments.SetNetworkAvailable(6, false);
  EXPECT_THAT(Rendered(instruments, "network_available"),
              testing::UnorderedElementsAre(Full("network_available{ip_version=\"4\"} 1"),
                                            Full("network_available{ip_version=\"6\"} 0")));
}

TEST(Instruments, IncludeTheProcess) {
  const std::string text = Instruments().Render();
  for (const char* family : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                             "process_virtual_memory_bytes", "process_start_time_seconds",
                             "process_open_fds", "process_max_fds"}) {
    EXPECT_EQ(SamplesOf(text, family).size(), 1U) << family;
  }
}

TEST(Phases, LeaveOutWhatWasSkipped) {
  EXPECT_THAT(PhasesOf({.queried_name = "[", .name = matrix_federation::ServerName::Parse("[")}),
              IsEmpty());
}

TEST(Phases, TakeTheSlowestAddress) {
  auto seen = HealthyObservation();
  seen.endpoints[1].tls_duration = 2s;
  const auto phases = PhasesOf(seen);
  const auto tls = std::find_if(phases.begin(), phases.end(),
                                [](const PhaseDuration& phase) { return phase.name == "tls"; });
  ASSERT_NE(tls, phases.end());
  EXPECT_EQ(tls->duration, 2s);
}

}  // namespace
}  // namespace exporter
