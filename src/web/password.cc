#include "web/password.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "web/field_value.h"

namespace web {
namespace {

constexpr std::size_t kHashLength = 60;  // "$2b$10$", 22 characters of salt, 31 of hash
constexpr std::string_view kBcryptAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.substr(0, text.size() - padding).find_first_of("= \t\r\n") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string decoded(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  decoded.resize(static_cast<std::size_t>(length) - padding);
  return decoded;
}

}  // namespace

std::optional<Credentials> ParseBasic(std::string_view authorization) {
  std::string_view rest = TrimField(authorization);
  const std::string_view scheme = TakeUntil(rest, ' ');
  if (!EqualsIgnoringCase(scheme, "Basic")) return std::nullopt;
  const auto decoded = DecodeBase64(TrimField(rest));
  if (!decoded) return std::nullopt;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{.user = decoded->substr(0, colon), .password = decoded->substr(colon + 1)};
}

std::optional<int> BcryptCost(std::string_view hash) {
  const bool is_bcrypt =
      hash.size() == kHashLength &&
      (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$")) &&
      hash[6] == '$' && hash.find_first_not_of(kBcryptAlphabet, 7) == std::string_view::npos;
  if (!is_bcrypt || hash[4] < '0' || hash[4] > '3' || hash[5] < '0' || hash[5] > '9') {
    return std::nullopt;
  }
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  if (cost < 4 || cost > 31) return std::nullopt;
  return cost;
}

bool MatchesBcrypt(const std::string& hash, const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* computed = crypt_r(password.c_str(), hash.c_str(), scratch.get());
  const bool equal = computed != nullptr && std::string_view(computed).size() == hash.size() &&
                     CRYPTO_memcmp(computed, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  // crypt_r() would see no more than what stands before a NUL.
  return equal && password.find('\0') == std::string::npos;
}

std::string HashOfNobody(const Users& users) {
  int cost = 10;
  for (const auto& [user, hash] : users) {
    const int own = BcryptCost(hash).value_or(0);
    cost = user == users.begin()->first ? own : std::max(cost, own);
  }
  std::string hash = "$2b$00$abcdefghijklmnopqrstuu...............................";
  hash[4] = static_cast<char>('0' + cost / 10);
  hash[5] = static_cast<char>('0' + cost % 10);
  return hash;
}

}  // namespace web
