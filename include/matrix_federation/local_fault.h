#pragma once

namespace matrix_federation {

/// Whether an error of a system call is a want of this machine or process (descriptors, memory),
/// and so says nothing about the peer.
bool IsLocalFault(int error);

/// Throws what Observe turns into `internal_error`, with a sentence for the operator.
[[noreturn]] void ThrowLocalFault(int error);

}  // namespace matrix_federation
