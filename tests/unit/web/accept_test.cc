#include "web/accept.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace web {
namespace {

constexpr std::array<std::string_view, 2> kOffered = {
    "text/plain; version=0.0.4; charset=utf-8",
    "application/openmetrics-text; version=1.0.0; charset=utf-8"};
constexpr int kText = 0;
constexpr int kOpenMetrics = 1;
constexpr int kNone = -1;

int Best(std::string_view accept) {
  const auto best = BestMediaType(accept, kOffered);
  return best ? static_cast<int>(*best) : kNone;
}

TEST(Accept, TakesTheFirstOfferFromAClientThatTakesAll) {
  for (const char* accept : {"", " ", "*/*", "text/html, */*;q=0.8"}) {
    EXPECT_EQ(Best(accept), kText) << accept;
  }
}

TEST(Accept, TakesWhatWeighsMost) {
  EXPECT_EQ(Best("application/openmetrics-text;q=0.5,text/plain;q=0.4"), kOpenMetrics);
  EXPECT_EQ(Best("application/openmetrics-text;q=0.4,text/plain;q=0.5"), kText);
  EXPECT_EQ(Best("application/openmetrics-text,text/plain;q=0.999"), kOpenMetrics);
  EXPECT_EQ(Best("application/openmetrics-text,text/plain"), kText) << "a tie";
}

TEST(Accept, UnderstandsPrometheus2) {
  EXPECT_EQ(Best("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                 "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            kOpenMetrics);
}

TEST(Accept, UnderstandsPrometheus3) {
  EXPECT_EQ(Best("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                 "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
                 "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
            kOpenMetrics);
}

TEST(Accept, NeverSendsWhatWeighsNothing) {
  EXPECT_EQ(Best("application/openmetrics-text;q=0, */*;q=0.1"), kText);
  EXPECT_EQ(Best("text/plain;q=0, */*;q=0.1"), kOpenMetrics);
  EXPECT_EQ(Best("*/*;q=0"), kNone);
  EXPECT_EQ(Best("image/png"), kNone);
}

TEST(Accept, GoesByTheMostSpecificRange) {
  EXPECT_EQ(Best("*/*, text/*;q=0.5"), kOpenMetrics);
  EXPECT_EQ(Best("*/*;q=0.1, text/*;q=0.5, text/plain;q=0.01"), kOpenMetrics);
  EXPECT_EQ(Best("application/openmetrics-text;q=0.9, text/plain;q=0.1, "
                 "text/plain;version=0.0.4;q=1"),
            kText);
}

TEST(Accept, DoesNotTakeAnotherVersion) {
  EXPECT_EQ(Best("application/openmetrics-text;version=0.0.1, text/plain;q=0.1"), kText);
  EXPECT_EQ(Best("application/openmetrics-text;version=\"1.0.0\", text/plain;q=0.1"), kOpenMetrics);
  EXPECT_EQ(Best("text/plain; version=1.0.0"), kNone);
}

TEST(Accept, IgnoresTheCaseOfLetters) {
  EXPECT_EQ(Best("Application/OpenMetrics-Text;Version=1.0.0;Charset=UTF-8"), kOpenMetrics);
}

TEST(Accept, PassesOverMalformedElements) {
  for (const char* element : {"application/openmetrics-text;q=2", "application/openmetrics-text;q=",
                              "application/openmetrics-text;q=x", "application/", "/", ";;",
                              "*/openmetrics-text", "openmetrics-text"}) {
    EXPECT_EQ(Best(std::string(element) + ", text/plain;q=0.1"), kText) << element;
  }
}

TEST(Accept, KnowsThatACommaInQuotesSeparatesNothing) {
  EXPECT_EQ(Best(R"(image/png;a="x, text/plain;\", ", application/openmetrics-text)"),
            kOpenMetrics);
}

TEST(Accept, FindsNothingAmongNoOffers) { EXPECT_EQ(BestMediaType("*/*", {}), std::nullopt); }

}  // namespace
}  // namespace web
