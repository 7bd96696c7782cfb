#include "web/accept_encoding.h"

#include <gtest/gtest.h>

#include <ostream>

namespace web {
namespace {

struct Case {
  const char* header;
  bool gzip;
};

void PrintTo(const Case& c, std::ostream* out) { *out << '"' << c.header << '"'; }

class AcceptEncoding : public ::testing::TestWithParam<Case> {};

TEST_P(AcceptEncoding, SaysWhetherGzipMayBeSent) {
  EXPECT_EQ(AcceptsGzip(GetParam().header), GetParam().gzip);
}

INSTANTIATE_TEST_SUITE_P(Rfc9110, AcceptEncoding,
                         ::testing::Values(Case{"gzip", true}, Case{"GZip", true},
                                           Case{"x-gzip", true}, Case{"gzip, deflate, br", true},
                                           Case{"br , gzip ; q=0.5", true},
                                           Case{"gzip;q=1.000", true}, Case{"gzip;Q=0.001", true},
                                           Case{"*", true}, Case{"br, *;q=0.1", true},
                                           Case{"identity;q=0.5, gzip", true},
                                           Case{",, gzip,", true}));

INSTANTIATE_TEST_SUITE_P(NotAsked, AcceptEncoding,
                         ::testing::Values(Case{"", false}, Case{"identity", false},
                                           Case{"br, deflate", false}, Case{"gzipped", false}));

INSTANTIATE_TEST_SUITE_P(Forbidden, AcceptEncoding,
                         ::testing::Values(Case{"gzip;q=0", false}, Case{"gzip;q=0.000", false},
                                           Case{"gzip;q=0, *", false}, Case{"*;q=0", false},
                                           Case{"gzip;q=0.5, identity", false}));

INSTANTIATE_TEST_SUITE_P(MalformedWeight, AcceptEncoding,
                         ::testing::Values(Case{"gzip;q=", false}, Case{"gzip;q=2", false},
                                           Case{"gzip;q=1.5", false}, Case{"gzip;q=0.1234", false},
                                           Case{"gzip;q=-1", false}, Case{"gzip;q=.5", false},
                                           Case{"gzip;level=9", false}));

}  // namespace
}  // namespace web
