#include "web/authenticator.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <new>

namespace web {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kWaitingMax = 16;
constexpr std::size_t kAcceptedMax = 100;

// The length in front keeps "ab" + "c" and "a" + "bc" apart.
void AppendField(std::string& text, const std::string& field) {
  text += std::to_string(field.size()) + ":" + field;
}

}  // namespace

Authenticator::Authenticator() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) throw std::bad_alloc();
}

asio::awaitable<Authenticator::Verdict> Authenticator::Check(
    std::shared_ptr<const Protection> protection, std::string authorization) {
  const auto credentials = ParseBasic(authorization);
  if (!credentials) co_return Verdict::kRefused;
  const auto user = protection->users.find(credentials->user);
  const bool is_known = user != protection->users.end();
  const std::string hash = is_known ? user->second : HashOfNobody(protection->users);
  const Digest digest = DigestOf(*credentials, hash);
  if (is_known && accepted_.contains(digest)) co_return Verdict::kAccepted;
  if (stopped_ || waiting_ >= kWaitingMax) co_return Verdict::kBusy;
  ++waiting_;
  auto comparison = Compare(stopped_, hash, credentials->password);
  const bool matches = co_await asio::co_spawn(worker_, std::move(comparison), asio::use_awaitable);
  --waiting_;
  if (!matches || !is_known) co_return Verdict::kRefused;
  if (accepted_.size() >= kAcceptedMax) accepted_.clear();
  accepted_.insert(digest);
  co_return Verdict::kAccepted;
}

void Authenticator::Stop() {
  stopped_ = true;
  worker_.join();
}

Authenticator::Digest Authenticator::DigestOf(const Credentials& credentials,
                                              const std::string& hash) const {
  std::string text;
  AppendField(text, credentials.user);
  AppendField(text, hash);
  AppendField(text, credentials.password);
  Digest digest{};
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr);
  OPENSSL_cleanse(text.data(), text.size());
  return digest;
}

asio::awaitable<bool> Authenticator::Compare(const std::atomic<bool>& stopped, std::string hash,
                                             std::string password) {
  co_return !stopped && MatchesBcrypt(hash, password);
}

}  // namespace web
