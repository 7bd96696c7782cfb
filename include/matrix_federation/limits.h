#pragma once

#include <chrono>
#include <cstddef>

namespace matrix_federation {

// Every bound on what comes from outside, in one place, with its reason.

/// Matrix appendices, "Server Name": a dns-name has at most 255 characters, 230 are advised.
inline constexpr std::size_t kServerNameLengthMax = 255;
inline constexpr std::size_t kServerNameLengthAdvised = 230;
/// RFC 1035 section 2.3.4.
inline constexpr std::size_t kDnsLabelLengthMax = 63;

/// A `.well-known` body: what Synapse and gomatrixserverlib read.
inline constexpr std::size_t kWellKnownBodyMax = std::size_t{50} * 1024;
/// Go's net/http follows 10; Synapse 20. A longer ladder fails for a large part of the network.
inline constexpr int kRedirectsMax = 10;
/// A redirect target.
inline constexpr std::size_t kUrlLengthMax = 2048;
/// Response headers, all together: what nginx and browsers accept as sane, doubled.
inline constexpr std::size_t kHeadersMax = std::size_t{64} * 1024;
/// The Age header of a cached answer: 2^31, where caches end (RFC 9111 section 1.2.2).
inline constexpr std::chrono::seconds kAgeMax{2'147'483'648};
/// A key response: hundreds of old keys fit.
inline constexpr std::size_t kKeysBodyMax = std::size_t{256} * 1024;
/// A version response is a line of text.
inline constexpr std::size_t kVersionBodyMax = std::size_t{16} * 1024;
/// Deeper JSON than any Matrix document.
inline constexpr std::size_t kJsonDepthMax = 64;
/// Signing keys looked at in one response; each costs an ed25519 verification.
inline constexpr std::size_t kSigningKeysMax = 64;

/// Bytes of a signing key's ID: real ones have a dozen.
inline constexpr std::size_t kKeyIdLengthMax = 255;

/// SRV records used of one answer, in the order of their priority and weight.
inline constexpr std::size_t kSrvTargetsMax = 16;
/// Addresses of one DNS answer that are kept.
inline constexpr std::size_t kAddressesPerNameMax = 64;
/// Addresses probed for one homeserver, each with its own connection; the rest are counted.
inline constexpr std::size_t kEndpointsMax = 32;
/// Addresses of a `.well-known` host tried one after another until one connects.
inline constexpr std::size_t kWellKnownAddressesMax = 8;
/// Certificates kept of a presented chain: OpenSSL's own default depth limit allows more, no real
/// chain has more.
inline constexpr std::size_t kChainLengthMax = 10;
/// Bits of the Diffie-Hellman group that a server chooses for TLS 1.2: each doubling costs eight
/// times as long, on the thread of a probe loop.
inline constexpr int kDhGroupBitsMax = 4096;
/// Bytes of the TLS handshake messages that a server may send over one connection, a message
/// counted as kHandshakeMessageBytesMin at least. OpenSSL has no such bound and does not return
/// while they come; it takes 100 KiB of certificates, and the other messages are a dozen.
inline constexpr std::size_t kHandshakeBytesMax = 128 * std::size_t{1024};
inline constexpr std::size_t kHandshakeMessageBytesMin = 1024;
/// Octets of a serial number, RFC 5280 section 4.1.2.2; of a longer one the first are shown.
inline constexpr std::size_t kSerialNumberMax = 20;
/// subjectAltName entries kept of one certificate for the report (matching sees all of them).
inline constexpr std::size_t kAltNamesMax = 100;
/// Verified chains remembered: two per server at 100,000 servers.
inline constexpr std::size_t kChainCacheMax = 200'000;

/// A value from outside quoted in a sentence.
inline constexpr std::size_t kQuotedLengthMax = 100;
/// A sentence that quotes several of them.
inline constexpr std::size_t kSentenceLengthMax = 1000;
/// A value from outside as a label of an `_info` metric, in bytes.
inline constexpr std::size_t kLabelLengthMax = 64;

/// The question about encoded slashes, with the connection that it may need, is a nicety: it must
/// not hold up a probe.
inline constexpr std::chrono::seconds kPathQuestionTimeout{5};

/// One TCP connection, however long the whole probe may take.
inline constexpr std::chrono::seconds kConnectTimeoutMax{10};

}  // namespace matrix_federation
