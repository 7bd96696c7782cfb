#include "exporter/page/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter::page {
namespace {

using testing::Contains;
using testing::Field;
using testing::Not;

// What stands there too would be sent twice.
TEST(PageRoutes, LeaveToTheServerTheFieldThatItAddsToAll) {
  const Board board;
  for (const web::Route& route : Routes(board, "/metrics")) {
    EXPECT_THAT(route.handler({}).fields,
                Not(Contains(Field(&web::Field::name, "X-Content-Type-Options"))))
        << route.path;
  }
}

}  // namespace
}  // namespace exporter::page
