#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "web/field.h"
#include "web/tls_context.h"
#include "web/token_bucket.h"

namespace web {

/// Name to bcrypt hash, like "$2y$10$…".
using Users = std::map<std::string, std::string, std::less<>>;

/// What stands between clients and the routes. Unchanged once made; another one may follow it while
/// the server runs.
struct Protection {
  std::shared_ptr<TlsContext> tls;  // none: plain HTTP
  Users users;                      // empty: nobody is asked for a password
  std::vector<Field> fields;  // of every response, in the place of the server's and a handler's
  RateLimit rate_limit;
};

}  // namespace web
