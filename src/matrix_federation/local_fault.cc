#include "matrix_federation/local_fault.h"

#include <cerrno>
#include <stdexcept>

namespace matrix_federation {
namespace {

const char* Sentence(int error) {
  switch (error) {
    case EMFILE:
      return "no descriptor is left for another socket or file; raise the limit of open files "
             "(LimitNOFILE, ulimit -n) or lower probe.max_in_flight";
    case ENFILE: return "the whole machine has no descriptor left (fs.file-max)";
    default: return "the kernel has no memory left for another socket or file";
  }
}

}  // namespace

bool IsLocalFault(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

void ThrowLocalFault(int error) { throw std::runtime_error(Sentence(error)); }

}  // namespace matrix_federation
