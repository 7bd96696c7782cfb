#pragma once

#include <string>

#include "exporter/settings.h"
#include "matrix_federation/report.h"

namespace bench {

/// A random but repeatable server name: sequential names would compress better than real ones.
std::string SampleName(std::size_t number);

/// The report of a healthy homeserver, delegated by .well-known, with an IPv4 and an IPv6 address
/// and a chain of two certificates, all names and numbers its own.
matrix_federation::Report SampleReport(std::size_t number);

}  // namespace bench
