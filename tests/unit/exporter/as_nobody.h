#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace exporter {

/// While it lives the process is nobody, as the superuser may read everything. Somebody else stays
/// who he is.
class AsNobody {
 public:
  AsNobody() {
    if (user_ == 0) {
      EXPECT_EQ(::setresuid(kNobody, kNobody, user_), 0);
    }
  }
  ~AsNobody() { EXPECT_EQ(::setresuid(user_, user_, user_), 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_ = ::geteuid();
};

}  // namespace exporter
