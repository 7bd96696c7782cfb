#pragma once

#include <span>

#include "matrix_federation/ports.h"

namespace net {

/// What a DNS server's packet answers to a question of this type: at most kAddressesPerNameMax
/// records, targets without their final dot. `code` is how c-ares says that the query ended
/// (ARES_SUCCESS, ARES_ENOTFOUND, …); of any other packet only whether
/// it holds records counts. Pure.
matrix_federation::DnsAnswer ReadDnsAnswer(matrix_federation::DnsType type, int code,
                                           std::span<const unsigned char> packet);

}  // namespace net
