#pragma once

#include <chrono>
#include <string>

#include "exporter/page/html.h"
#include "matrix_federation/certificate.h"

namespace exporter::page {

using matrix_federation::SystemSeconds;
using matrix_federation::SystemTime;

/// How far off a moment is, in one unit: "3 minutes ago", "in 40 seconds", "now". The script that
/// keeps pages live says it in the same words.
std::string Distance(SystemTime time, SystemTime now);

/// "2027-01-15T08:00:00Z".
std::string Rfc3339(SystemSeconds time);
std::string Rfc3339(SystemTime time);

/// How long something takes, in one unit: "3 minutes".
std::string Length(std::chrono::seconds length);

/// A time element that says how far off it is; the script keeps that up to date.
struct Relative {
  SystemTime time;
  SystemTime now;
};
Html& operator<<(Html& html, const Relative& relative);

/// The same for what is due: "now" when it should have been already.
struct Due {
  SystemTime time;
  SystemTime now;
};
Html& operator<<(Html& html, const Due& due);

/// A time element that says the day, also of one that no SystemTime reaches: of a certificate.
struct Day {
  SystemSeconds time;
};
Html& operator<<(Html& html, const Day& day);

/// A time element that says day, hour and minute, in UTC.
struct Minute {
  SystemTime time;
};
Html& operator<<(Html& html, const Minute& minute);

/// "23 days left", "expired 2 days ago", "5 hours left": of something that ends.
std::string TimeLeft(SystemSeconds until, SystemTime now);

/// "212 ms", "1.2 s", "under 1 ms".
std::string Span(double seconds);

}  // namespace exporter::page
