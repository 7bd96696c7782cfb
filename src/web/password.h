#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/protection.h"

namespace web {

/// What a client says it is.
struct Credentials {
  std::string user;
  std::string password;
};

/// Of an Authorization header of the scheme Basic (RFC 7617); none for anything else.
std::optional<Credentials> ParseBasic(std::string_view authorization);

/// The cost of a bcrypt hash, the 10 of "$2y$10$…"; none for what is no hash of the forms 2a, 2b
/// and 2y.
std::optional<int> BcryptCost(std::string_view hash);

/// Whether the password is the one of the bcrypt hash. Takes as long as the hash's cost says, from
/// milliseconds to minutes; any thread.
bool MatchesBcrypt(const std::string& hash, const std::string& password);

/// A hash that no password is known for, of the highest cost among the users: what an unknown
/// user's password is compared with, so that the time does not tell that the user is unknown.
std::string HashOfNobody(const Users& users);

}  // namespace web
