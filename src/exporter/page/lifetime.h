#pragma once

#include "exporter/page/html.h"
#include "exporter/snapshot.h"

namespace exporter::page {

/// A certificate's days left, and a bar of what is left of its lifetime: ten days are much for a
/// certificate of two weeks and little for one of a year.
struct Lifetime {
  CertificateLifetime certificate;
  matrix_federation::SystemTime now;
};
Html& operator<<(Html& html, const Lifetime& lifetime);

}  // namespace exporter::page
