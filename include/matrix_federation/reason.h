#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace matrix_federation {

// The closed lists of machine-readable words: label values and members of the report, and as such
// public promises. A word is never renamed and never free text. Each stands here once, with the
// sentence that documents it; enumerators, texts and documentation come from these rows.

// clang-format off

/// Why federation, one address or one sub-check fails. X(enumerator, word, sentence)
#define MATRIX_FEDERATION_REASONS(X) \
  X(kServerNameEmpty, "server_name_empty", "the name is empty") \
  X(kServerNameTooLong, "server_name_too_long", "longer than 255 characters") \
  X(kServerNameInvalidHostname, "server_name_invalid_hostname", "not letters, digits, hyphens and dots in labels") \
  X(kServerNameInvalidIpLiteral, "server_name_invalid_ip_literal", "brackets or octets that are no address") \
  X(kServerNameInvalidPort, "server_name_invalid_port", "not 1 to 65535 in ASCII digits") \
  X(kWellknownDnsError, "wellknown_dns_error", "no address for the .well-known host") \
  X(kWellknownConnectFailed, "wellknown_connect_failed", "TCP connection to the .well-known host failed") \
  X(kWellknownTimeout, "wellknown_timeout", "the lookup did not finish in time") \
  X(kWellknownTlsError, "wellknown_tls_error", "certificate or handshake problem at the .well-known host, also after a redirect") \
  X(kWellknownNoResponse, "wellknown_no_response", "connection closed without a response") \
  X(kWellknownHttpStatus, "wellknown_http_status", "the final status is not 200") \
  X(kWellknownRedirectLoop, "wellknown_redirect_loop", "redirect loop") \
  X(kWellknownTooManyRedirects, "wellknown_too_many_redirects", "redirect limit reached") \
  X(kWellknownRedirectNoLocation, "wellknown_redirect_no_location", "redirect without Location") \
  X(kWellknownTooLarge, "wellknown_too_large", "body above the size limit (50 KiB)") \
  X(kWellknownInvalidJson, "wellknown_invalid_json", "the body is not one JSON text") \
  X(kWellknownNotObject, "wellknown_not_object", "JSON, but not an object") \
  X(kWellknownMissingMServer, "wellknown_missing_m_server", "no m.server member") \
  X(kWellknownInvalidMServer, "wellknown_invalid_m_server", "m.server is not a string holding a valid server name") \
  X(kDnsNxdomain, "dns_nxdomain", "the destination host does not exist") \
  X(kDnsNodata, "dns_nodata", "the destination host has neither A nor AAAA") \
  X(kDnsServfail, "dns_servfail", "the resolver failed") \
  X(kDnsRefused, "dns_refused", "the resolver refused") \
  X(kDnsTimeout, "dns_timeout", "no answer from the resolver") \
  X(kDnsMalformed, "dns_malformed", "the answer could not be parsed") \
  X(kAddressDenied, "address_denied", "the address is in a range that this exporter must not contact") \
  X(kSrvLookupServfail, "srv_lookup_servfail", "the SRV query failed") \
  X(kSrvLookupRefused, "srv_lookup_refused", "the SRV query was refused") \
  X(kSrvLookupTimeout, "srv_lookup_timeout", "the SRV query timed out") \
  X(kSrvLookupMalformed, "srv_lookup_malformed", "the SRV answer could not be parsed") \
  X(kSrvServiceDisabled, "srv_service_disabled", "SRV target \".\"") \
  X(kSrvTargetNoAddress, "srv_target_no_address", "no SRV target has an address") \
  X(kSrvInvalidPort, "srv_invalid_port", "SRV port 0") \
  X(kConnectRefused, "connect_refused", "TCP connection refused") \
  X(kConnectReset, "connect_reset", "TCP connection reset") \
  X(kConnectTimeout, "connect_timeout", "TCP connection timed out") \
  X(kConnectUnreachable, "connect_unreachable", "no route to host or network") \
  X(kTlsHandshakeFailed, "tls_handshake_failed", "TLS handshake failed") \
  X(kTlsProtocolVersion, "tls_protocol_version", "no common TLS version") \
  X(kTlsClientCertRequired, "tls_client_cert_required", "the server insists on a client certificate") \
  X(kTlsCertExpired, "tls_cert_expired", "certificate expired") \
  X(kTlsCertNotYetValid, "tls_cert_not_yet_valid", "certificate not valid yet") \
  X(kTlsCertNameMismatch, "tls_cert_name_mismatch", "the certificate does not cover the required name or address") \
  X(kTlsCertSelfSigned, "tls_cert_self_signed", "self-signed certificate") \
  X(kTlsCertIncompleteChain, "tls_cert_incomplete_chain", "the intermediate certificate was not sent") \
  X(kTlsCertUntrusted, "tls_cert_untrusted", "no chain to a trusted CA (any other cause)") \
  X(kTlsCertWeak, "tls_cert_weak", "key or signature too weak to be accepted") \
  X(kHttpNoResponse, "http_no_response", "connection closed, or garbage, instead of an HTTP response") \
  X(kHttpTimeout, "http_timeout", "no complete response in time") \
  X(kHttpTooLarge, "http_too_large", "the response exceeds its limit") \
  X(kKeysHttpStatus, "keys_http_status", "the key endpoint's status is not 200") \
  X(kKeysInvalidContentType, "keys_invalid_content_type", "the key response is not application/json") \
  X(kKeysInvalidJson, "keys_invalid_json", "the key response is not JSON") \
  X(kKeysMissingField, "keys_missing_field", "a required member is missing") \
  X(kKeysInvalidField, "keys_invalid_field", "a member has the wrong type or lacks a required part") \
  X(kKeysServerNameMismatch, "keys_server_name_mismatch", "server_name is not the queried name") \
  X(kKeysNoSupportedKey, "keys_no_supported_key", "no ed25519 key") \
  X(kKeysInvalidKey, "keys_invalid_key", "an ed25519 key is not 32 bytes of base64") \
  X(kKeysNotSelfSigned, "keys_not_self_signed", "no signature by a current key") \
  X(kKeysInvalidSignature, "keys_invalid_signature", "a signature does not verify") \
  X(kKeysVerifyKeyNotSigned, "keys_verify_key_not_signed", "a listed ed25519 key has not signed") \
  X(kKeysExpired, "keys_expired", "valid_until_ts is in the past") \
  X(kKeysKeyBothCurrentAndOld, "keys_key_both_current_and_old", "a key ID is listed as current and as old") \
  X(kKeysCompromised, "keys_compromised", "a listed key is publicly known to be compromised; Synapse refuses it") \
  X(kCanonicalJsonUnrepresentable, "canonical_json_unrepresentable", "a value has no canonical JSON form") \
  X(kVersionHttpStatus, "version_http_status", "status of the version endpoint is not 200") \
  X(kVersionInvalidJson, "version_invalid_json", "the version response is not JSON") \
  X(kVersionMissingServer, "version_missing_server", "no server member") \
  X(kVersionMissingVersion, "version_missing_version", "no version member") \
  X(kVersionInvalidField, "version_invalid_field", "name or version is not a string") \
  X(kExpectationDelegation, "expectation_delegation", "delegated to another host or port than configured") \
  X(kExpectationSoftware, "expectation_software", "another implementation than configured") \
  X(kExpectationVersion, "expectation_version", "an older version than configured") \
  X(kExpectationIpVersion, "expectation_ip_version", "an IP version that was configured as required does not work") \
  X(kProbeTimeout, "probe_timeout", "the whole probe ran out of its time") \
  X(kInternalError, "internal_error", "a fault of this program, never of the server")

/// Findings that do not stop federation today. X(enumerator, word, sentence)
#define MATRIX_FEDERATION_WARNINGS(X) \
  X(kServerNameUppercase, "server_name_uppercase", "the name has upper-case letters; identity is case-sensitive") \
  X(kServerNameOver230, "server_name_over_230", "longer than the recommended 230 characters") \
  X(kWellknownIgnored, "wellknown_ignored", "a .well-known file is being served but is unusable, so discovery went on without it") \
  X(kWellknownInconsistent, "wellknown_inconsistent", "the .well-known host's addresses give different answers, or only some answer") \
  X(kWellknownRedirectToHttp, "wellknown_redirect_to_http", "a redirect of the .well-known file left HTTPS") \
  X(kDeprecatedSrvUsed, "deprecated_srv_used", "the destination came from _matrix._tcp, which the specification has deprecated") \
  X(kSrvTargetIsCname, "srv_target_is_cname", "an SRV target is an alias (RFC 2782 forbids it; some implementations refuse it)") \
  X(kSrvTargetIsIp, "srv_target_is_ip", "an SRV target is an IP address") \
  X(kSrvTargetNoAddress, "srv_target_no_address", "one of several SRV targets has no address") \
  X(kSrvNullTarget, "srv_null_target", "a \".\" target stands beside real ones") \
  X(kSrvInvalidPort, "srv_invalid_port", "a record of port 0 stands beside real ones") \
  X(kSrvContradictsWellknown, "srv_contradicts_wellknown", "leftover SRV records point elsewhere than the .well-known file") \
  X(kAddressUnreachable, "address_unreachable", "an address failed while another one worked") \
  X(kIpVersionUnreachable, "ip_version_unreachable", "every IPv4, or every IPv6, address failed while the other version worked") \
  X(kCertificatesInconsistent, "certificates_inconsistent", "addresses present different leaf certificates") \
  X(kTlsVersionOld, "tls_version_old", "TLS 1.2 is the best that was negotiated with less than today's ciphers, or less") \
  X(kKeysExpiringSoon, "keys_expiring_soon", "valid_until_ts is less than an hour away") \
  X(kKeysValidUntilCapped, "keys_valid_until_capped", "valid_until_ts is more than seven days away (readers cap it)") \
  X(kKeysNonstandardKeyId, "keys_nonstandard_key_id", "a key ID outside [A-Za-z0-9_]") \
  X(kKeysUrlsafeBase64, "keys_urlsafe_base64", "keys or signatures in URL-safe base64") \
  X(kKeysKeyIdReused, "keys_key_id_reused", "a known key ID came back with another public key") \
  X(kKeysKeyVanished, "keys_key_vanished", "a known key is gone and not listed in old_verify_keys") \
  X(kVersionUnparseable, "version_unparseable", "the version string cannot be compared") \
  X(kVersionContentType, "version_content_type", "the version response is not application/json") \
  X(kVersionUnsafeCharacters, "version_unsafe_characters", "name or version held control characters or invalid UTF-8, which were replaced") \
  X(kVersionUnavailable, "version_unavailable", "federation works, yet /version does not") \
  X(kClockSkew, "clock_skew", "the Date header differs from our clock by more than a minute") \
  X(kProxyDecodesPaths, "proxy_decodes_paths", "an encoded slash did not reach the homeserver encoded (nginx trailing slash, Apache without nocanon)")

// clang-format on

#define MATRIX_FEDERATION_ENUMERATOR(name, word, sentence) name,
enum class Reason : std::uint8_t { MATRIX_FEDERATION_REASONS(MATRIX_FEDERATION_ENUMERATOR) };
enum class Warning : std::uint8_t { MATRIX_FEDERATION_WARNINGS(MATRIX_FEDERATION_ENUMERATOR) };
#undef MATRIX_FEDERATION_ENUMERATOR

/// A row of the list: the word, and the sentence that documents it.
struct WordRow {
  std::string_view word;
  std::string_view sentence;
};

#define MATRIX_FEDERATION_ROW(name, word, sentence) WordRow{word, sentence},
inline constexpr auto kReasonRows =
    std::to_array<WordRow>({MATRIX_FEDERATION_REASONS(MATRIX_FEDERATION_ROW)});
inline constexpr auto kWarningRows =
    std::to_array<WordRow>({MATRIX_FEDERATION_WARNINGS(MATRIX_FEDERATION_ROW)});
#undef MATRIX_FEDERATION_ROW

/// The word of the closed list, for example "tls_cert_expired".
constexpr std::string_view Word(Reason reason) {
  return kReasonRows.at(static_cast<std::size_t>(reason)).word;
}
constexpr std::string_view Word(Warning warning) {
  return kWarningRows.at(static_cast<std::size_t>(warning)).word;
}

}  // namespace matrix_federation
