#pragma once

#include <array>
#include <string>
#include <string_view>

#include "matrix_federation/check.h"

namespace matrix_federation {

// Each is defined in the file of its name. The order of all_checks.cc is the order of the report.
extern const Check server_name_is_valid;
extern const Check well_known_is_usable;
extern const Check well_known_is_consistent;
extern const Check well_known_certificate_is_valid;
extern const Check srv_lookup_works;
extern const Check srv_uses_current_name;
extern const Check srv_targets_are_hosts;
extern const Check srv_agrees_with_well_known;
extern const Check destination_resolves;
extern const Check destination_accepts_connections;
extern const Check tls_handshake_succeeds;
extern const Check tls_version_is_current;
extern const Check certificate_is_trusted;
extern const Check certificate_is_in_date;
extern const Check certificate_matches_name;
extern const Check certificates_are_consistent;
extern const Check signing_keys_are_served;
extern const Check signing_keys_are_signed;
extern const Check signing_keys_are_in_date;
extern const Check signing_keys_are_stable;
extern const Check version_is_reported;
extern const Check every_address_works;
extern const Check both_ip_versions_work;
extern const Check clock_is_right;
extern const Check proxy_preserves_paths;
extern const Check delegation_is_expected;
extern const Check software_is_expected;
extern const Check version_is_expected;
extern const Check ip_versions_are_expected;

}  // namespace matrix_federation
