#include "exporter/scrape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>

#include "exporter/exposition.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
// What Prometheus 2 sends.
constexpr const char* kPrometheus =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

std::string Gunzipped(const std::string& packed) {
  std::string plain(16 * 1024 * 1024, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
  const auto result = libdeflate_gzip_decompress(decompressor, packed.data(), packed.size(),
                                                 plain.data(), plain.size(), &size);
  libdeflate_free_decompressor(decompressor);
  EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
  plain.resize(size);
  return plain;
}

std::string BodyOf(const web::Response& response) {
  std::string body;
  for (auto part = response.next_part(); !part.empty(); part = response.next_part()) body += part;
  return response.is_gzip ? Gunzipped(body) : body;
}

// Without the exporter's own series, which may change from one scrape to the next.
std::string HomeserversOf(const std::string& body) {
  return body.substr(0, body.find("matrix_federation_exporter_"));
}

class ScrapeTest : public testing::Test {
 protected:
  ScrapeTest() {
    board_.Replace({MakeRow(watched_.server)});
    Probe(HealthyObservation());
  }

  void Probe(matrix_federation::Observation seen) {
    const auto report = watched_.Take(std::move(seen));
    board_.rows()[0].slot->Publish(
        RenderBlock({watched_.server, watched_.settings, watched_.history, &report, kFinishedAt}));
  }

  web::Response Ask(bool gzip, std::string accept = "",
                    matrix_federation::SystemTime now = kFinishedAt) {
    return scrape_.Answer({.accept = std::move(accept), .gzip = gzip}, now);
  }
  std::string Body(bool gzip, std::string accept = "",
                   matrix_federation::SystemTime now = kFinishedAt) {
    return BodyOf(Ask(gzip, std::move(accept), now));
  }

  Watched watched_;
  Board board_;
  Instruments instruments_;
  Scrape scrape_{board_, instruments_};
};

TEST_F(ScrapeTest, SpeaksTheTextFormatToWhoDoesNotCare) {
  for (const char* accept : {"", "*/*", "text/plain", "text/html", "application/json",
                             "application/openmetrics-text;q=0"}) {
    EXPECT_EQ(Ask(false, accept).content_type, "text/plain; version=0.0.4; charset=utf-8")
        << accept;
  }
}

TEST_F(ScrapeTest, SpeaksOpenMetricsToPrometheus) {
  EXPECT_EQ(Ask(false, kPrometheus).content_type, kOpenMetricsType);
  EXPECT_TRUE(Body(false, kPrometheus).ends_with("\n# EOF\n"));
}

TEST_F(ScrapeTest, LeavesOutTheEndMarkInTheTextFormat) {
  EXPECT_EQ(Body(false).find("# EOF"), std::string::npos);
}

TEST_F(ScrapeTest, ShowsTheHomeserversAndTheExporter) {
  const std::string body = Body(true);
  EXPECT_THAT(SamplesOf(body, "matrix_federation_probe_success"), SizeIs(1));
  EXPECT_THAT(SamplesOf(body, "matrix_federation_exporter_build_info"), SizeIs(1));
}

TEST_F(ScrapeTest, SaysTheSameWithAndWithoutCompression) {
  EXPECT_EQ(HomeserversOf(Body(true)), HomeserversOf(Body(false)));
  EXPECT_EQ(HomeserversOf(Body(true)), HomeserversOf(Body(false))) << "the second time";
}

TEST_F(ScrapeTest, RendersOnceForTwoPrometheisWhileNothingChanges) {
  const std::string first = Body(true, kPrometheus);
  EXPECT_EQ(HomeserversOf(first), HomeserversOf(Body(true, kPrometheus)));
  EXPECT_EQ(scrape_.renderings(), 1U);
}

TEST_F(ScrapeTest, ShowsTheExporterAsItIsEvenWhenNothingElseChanged) {
  Body(true);
  instruments_.CountSkipped(3);
  EXPECT_THAT(SamplesOf(Body(true), "matrix_federation_exporter_probes_skipped_total"),
              ElementsAre("matrix_federation_exporter_probes_skipped_total 3"));
  EXPECT_EQ(scrape_.renderings(), 1U);
}

TEST_F(ScrapeTest, KeepsEachFormatForItself) {
  Body(true);
  EXPECT_TRUE(Body(true, kPrometheus).ends_with("# EOF\n"));
  EXPECT_EQ(Body(true).find("# EOF"), std::string::npos);
  EXPECT_EQ(scrape_.renderings(), 2U);
}

TEST_F(ScrapeTest, ShowsAProbeThatEndedSinceTheLastOne) {
  Body(true);
  Probe(ExpiredObservation());
  EXPECT_THAT(SamplesOf(Body(true), "matrix_federation_probe_success"),
              ElementsAre(HasSubstr("} 0")));
}

TEST_F(ScrapeTest, ShowsAProbeThatEndedWhileTheLastOneWasSent) {
  const web::Response slow = Ask(true);
  Probe(ExpiredObservation());
  EXPECT_THAT(SamplesOf(BodyOf(slow), "matrix_federation_probe_success"),
              ElementsAre(HasSubstr("} 1")));
  EXPECT_THAT(SamplesOf(Body(true), "matrix_federation_probe_success"),
              ElementsAre(HasSubstr("} 0")));
}

TEST_F(ScrapeTest, ShowsNothingOfAHomeserverThatIsRemoved) {
  Body(true);
  board_.Replace({});
  EXPECT_THAT(SamplesOf(Body(true), "matrix_federation_target_info"), IsEmpty());
}

TEST_F(ScrapeTest, ShowsAResultNoLongerThanUntilItIsStale) {
  Body(true);
  const auto after = [&](auto age) {
    return SamplesOf(Body(true, "", kFinishedAt + age), "matrix_federation_probe_success");
  };
  EXPECT_THAT(after(1h), SizeIs(1));
  EXPECT_THAT(after(1h + 1ms), IsEmpty());
  EXPECT_THAT(after(30min), SizeIs(1)) << "the clock was set back";
}

TEST_F(ScrapeTest, KeepsNothingOfAScrapeThatBrokeOff) {
  static_cast<void>(Ask(true).next_part());
  Body(true);
  EXPECT_EQ(scrape_.renderings(), 2U);
}

}  // namespace
}  // namespace exporter
