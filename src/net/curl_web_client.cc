#include "net/curl_web_client.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <new>
#include <system_error>

#include "matrix_federation/limits.h"
#include "matrix_federation/local_fault.h"
#include "net/asio.h"
#include "net/descriptor_watch.h"
#include "net/tls_recorder.h"

// Written against libcurl 7.88 (Debian 12), whose traps are avoided here: with a CA file or
// directory set it parses the store for every connection (18 ms), whatever SSL_CTX_FUNCTION does;
// with VERIFYPEER=1 a bad certificate hides the chain; CURLINFO_TLS_SSL_PTR is gone once the
// transfer is done; MAXFILESIZE does not stop a chunked body; no multi function may be called from
// within a callback.

namespace net {
namespace {

namespace asio = boost::asio;
using matrix_federation::Awaitable;
using matrix_federation::Duration;
using matrix_federation::IsLocalFault;
using matrix_federation::SteadyTime;
using matrix_federation::ThrowLocalFault;
using matrix_federation::WebRequest;
using matrix_federation::WebResponse;
using matrix_federation::WebStage;

long Milliseconds(Duration duration) {
  return static_cast<long>(std::max<std::chrono::milliseconds::rep>(
      1, std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

// The OpenSSL error that libcurl names as "error:0A00010B:", 0 when there is none.
unsigned long OpensslError(std::string_view text) {
  constexpr std::string_view kPrefix = "error:";
  const std::size_t start = text.find(kPrefix);
  if (start == std::string_view::npos) return 0;
  text.remove_prefix(start + kPrefix.size());
  unsigned long code = 0;
  std::from_chars(text.data(), text.data() + text.size(), code, 16);
  return code;
}

}  // namespace

// The multi handle and its place in the event loop.
class CurlWebClient::Multi : public std::enable_shared_from_this<Multi> {
 public:
  explicit Multi(asio::any_io_executor loop)
      : executor(std::move(loop)),
        watch_(executor,
               [this](int descriptor, bool readable, bool writable) {
                 Act(descriptor,
                     (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
               }),
        timer_(executor),
        handle_(curl_multi_init()) {
    curl_multi_setopt(handle_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(handle_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(handle_, CURLMOPT_SOCKETFUNCTION, &OnSocket);
    curl_multi_setopt(handle_, CURLMOPT_TIMERFUNCTION, &OnTimer);
    curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, 1L);
  }
  ~Multi() { curl_multi_cleanup(handle_); }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  /// From now on the event loop is left alone; only removals come.
  void Close() {
    closed_ = true;
    timer_.cancel();
    watch_.LetGoOfAll();
  }

  // What fails is for want of memory.
  void Add(CURL* easy) {
    if (curl_multi_add_handle(handle_, easy) != CURLM_OK) throw std::bad_alloc();
  }
  void Remove(CURL* easy) { curl_multi_remove_handle(handle_, easy); }

  const asio::any_io_executor executor;

 private:
  static int OnSocket(CURL* /*easy*/, curl_socket_t descriptor, int what, void* self,
                      void* /*socket*/) {
    auto* multi = static_cast<Multi*>(self);
    if (multi->closed_) return 0;
    const bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    const bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    multi->watch_.Set(descriptor, read, write);
    return 0;
  }

  static int OnTimer(CURLM* /*handle*/, long milliseconds, void* raw) {
    auto* self = static_cast<Multi*>(raw);
    if (self->closed_) return 0;
    self->timer_.cancel();
    if (milliseconds < 0) return 0;
    self->timer_.expires_after(std::chrono::milliseconds(milliseconds));
    // A time-out that is already on its way may find nobody any more.
    self->timer_.async_wait([weak = self->weak_from_this()](auto error) {
      const auto multi = weak.lock();
      if (!error && multi && !multi->closed_) multi->Act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }

  void Act(curl_socket_t descriptor, int events);

  DescriptorWatch watch_;
  asio::steady_timer timer_;
  CURLM* handle_;
  bool closed_ = false;
};

// One request from its set-up to its result; removes itself when it goes out of scope, so a
// coroutine that is destroyed in mid-flight leaves nothing behind.
class CurlWebClient::Transfer {
 public:
  Transfer(std::shared_ptr<Multi> multi, const WebRequest& request, int min_tls_version)
      : multi_(std::move(multi)),
        request_(request),
        min_tls_version_(min_tls_version),
        done_(multi_->executor, asio::steady_timer::time_point::max()),
        easy_(curl_easy_init()) {}
  ~Transfer() {
    multi_->Remove(easy_);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(connect_to_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Throws for want of a socket.
  Awaitable<void> Run(const std::string& user_agent, Duration connect_timeout, Duration timeout) {
    SetDestination();
    SetBounds(connect_timeout, timeout);
    SetRecording();
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, user_agent.c_str());
    multi_->Add(easy_);
    while (!finished_) co_await done_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (IsLocalFault(socket_error_)) ThrowLocalFault(socket_error_);
  }

  // Called by Multi, outside of libcurl's callbacks.
  void Finish(CURLcode code) {
    finished_ = true;
    response.stage = StageAt(code);
    response.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    response.lost = WasLost(code);
    response.too_large = response.too_large || code == CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK) Explain(code);
    response.status = Status();
    if (is_page_left_out_) {
      response.stage = WebStage::kDone;
      response.body.clear();
      response.error.clear();
    }
    done_.cancel();
  }

  WebResponse response;

 private:
  [[nodiscard]] int Status() const {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  void SetDestination() {
    const std::string scheme = request_.https ? "https://" : "http://";
    const std::string port = std::to_string(request_.port);
    const std::string url = scheme + request_.host + ":" + port + request_.target;
    Set(CURLOPT_URL, url.c_str());
    // The name stays in SNI and Host; the connection goes to the address that was checked.
    connect_to_ = curl_slist_append(nullptr, ("::" + request_.address.ToString()).c_str());
    Set(CURLOPT_CONNECT_TO, connect_to_);
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_FRESH_CONNECT, 1L);
    Set(CURLOPT_FORBID_REUSE, 1L);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
    Set(CURLOPT_OPENSOCKETDATA, this);
    Set(CURLOPT_PRIVATE, this);
  }

  // libcurl itself does not say why it could not open a socket.
  static curl_socket_t OnOpenSocket(void* raw, curlsocktype /*purpose*/, curl_sockaddr* address) {
    const int descriptor =
        ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (descriptor < 0) static_cast<Transfer*>(raw)->socket_error_ = errno;
    return descriptor;
  }

  void SetBounds(Duration connect_timeout, Duration timeout) {
    Set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(connect_timeout));
    Set(CURLOPT_TIMEOUT_MS, Milliseconds(timeout));
    Set(CURLOPT_BUFFERSIZE, 16L * 1024);
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_WRITEDATA, this);
    Set(CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(CURLOPT_HEADERDATA, this);
    Set(CURLOPT_ERRORBUFFER, error_.data());
  }

  void SetRecording() {
    Set(CURLOPT_SSL_VERIFYPEER, 0L);
    Set(CURLOPT_SSL_VERIFYHOST, 0L);
    Set(CURLOPT_CAINFO, nullptr);
    Set(CURLOPT_CAPATH, nullptr);
    Set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    Set(CURLOPT_SSL_CTX_FUNCTION, &OnContext);
    Set(CURLOPT_SSL_CTX_DATA, this);
    Set(CURLOPT_PREREQFUNCTION, &OnHandshakeDone);
    Set(CURLOPT_PREREQDATA, this);
  }

  static CURLcode OnContext(CURL* /*easy*/, void* context, void* raw) {
    auto* self = static_cast<Transfer*>(raw);
    self->tls_began_ = true;
    PrepareRecording(static_cast<SSL_CTX*>(context), self->min_tls_version_);
    NoteCertificateRequests(static_cast<SSL_CTX*>(context), &self->asked_for_certificate_);
    return CURLE_OK;
  }

  static int OnHandshakeDone(void* raw, char* /*remote*/, char* /*local*/, int /*remote_port*/,
                             int /*local_port*/) {
    auto* self = static_cast<Transfer*>(raw);
    self->connected_ = true;
    curl_tlssessioninfo* info = nullptr;
    curl_easy_getinfo(self->easy_, CURLINFO_TLS_SSL_PTR, &info);
    if (self->request_.https && info != nullptr && info->internals != nullptr) {
      self->response.tls = Record(static_cast<SSL*>(info->internals));
    }
    return CURL_PREREQFUNC_OK;
  }

  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* raw) {
    auto* self = static_cast<Transfer*>(raw);
    const std::size_t length = size * count;
    if (self->response.body.size() + length > self->request_.body_max) {
      // What an error or a redirect says is in its head; its page is for people.
      self->is_page_left_out_ = self->Status() != 200;
      self->response.too_large = !self->is_page_left_out_;
      return 0;
    }
    self->response.body.append(data, length);
    return length;
  }

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* raw) {
    auto* self = static_cast<Transfer*>(raw);
    const std::size_t length = size * count;
    self->headers_length_ += length;
    if (self->headers_length_ > matrix_federation::kHeadersMax) {
      self->response.too_large = true;
      return 0;
    }
    self->ReadHeader({data, length});
    return length;
  }

  // What was an interim response (1xx) so far says nothing of the final one.
  void BeginResponse() {
    in_headers_ = true;
    response.location.clear();
    response.cache_control.clear();
    response.expires.clear();
    response.has_expires = false;
  }

  void ReadHeader(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) BeginResponse();
    // Trailers follow the empty line.
    if (line.empty()) in_headers_ = false;
    if (!in_headers_) return;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto is = [&](std::string_view name) {
      return colon == name.size() && strncasecmp(line.data(), name.data(), colon) == 0;
    };
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
      value.remove_prefix(1);
    }
    if (is("location")) response.location = value;
    if (is("cache-control")) {
      response.cache_control += response.cache_control.empty() ? "" : ",";
      response.cache_control += value;
    }
    if (is("expires")) {
      response.expires = value;
      response.has_expires = true;
    }
  }

  // libcurl's own words name milliseconds, and OpenSSL's version.
  void Explain(CURLcode code) {
    response.error = error_.front() == '\0' ? curl_easy_strerror(code) : error_.data();
    if (const unsigned long error = OpensslError(response.error); error != 0) {
      const char* said = ERR_reason_error_string(error);
      const std::string words = said == nullptr ? "TLS error" : said;
      const auto failure = HandshakeFailure(error, asked_for_certificate_, words);
      response.error = connected_ ? "TLS failed after the handshake: " + words : failure.detail;
      // TLS 1.3 tells of a missing client certificate only after the handshake.
      if (failure.reason == matrix_federation::Reason::kTlsClientCertRequired) {
        response.stage = WebStage::kTls;
        response.error = failure.detail;
      }
    } else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) {
      response.error = "what answered does not speak HTTP";
    } else if (connected_ && (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR)) {
      response.error = "the connection was reset";
    } else if (code == CURLE_COULDNT_CONNECT) {
      long number = 0;
      curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &number);
      response.error = "no TCP connection";
      if (number != 0) {
        if (IsLocalFault(static_cast<int>(number))) socket_error_ = static_cast<int>(number);
        response.error += " (" + std::generic_category().message(static_cast<int>(number)) + ")";
      }
    }
  }

  [[nodiscard]] bool WasLost(CURLcode code) const {
    if (code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE) return true;
    if (code == CURLE_COULDNT_CONNECT) {
      long number = 0;
      curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &number);
      return number != ECONNREFUSED;
    }
    if (code != CURLE_SSL_CONNECT_ERROR && code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR) {
      return false;
    }
    const unsigned long error = OpensslError(error_.data());
    return error == 0 || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  }

  [[nodiscard]] WebStage StageAt(CURLcode code) const {
    if (code == CURLE_OK) return WebStage::kDone;
    if (connected_) return WebStage::kResponse;
    return tls_began_ ? WebStage::kTls : WebStage::kConnect;
  }

  std::shared_ptr<Multi> multi_;
  const WebRequest& request_;
  int min_tls_version_;
  asio::steady_timer done_;
  CURL* easy_;
  curl_slist* connect_to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::size_t headers_length_ = 0;  // of all responses, interim ones too
  bool in_headers_ = false;
  int socket_error_ = 0;
  bool tls_began_ = false;  // TCP is through
  bool connected_ = false;  // TCP and, if any, TLS are through
  bool asked_for_certificate_ = false;
  bool is_page_left_out_ = false;
  bool finished_ = false;
};

void CurlWebClient::Multi::Act(curl_socket_t descriptor, int events) {
  int running = 0;
  curl_multi_socket_action(handle_, descriptor, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handle_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    const CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->Finish(code);
  }
}

CurlWebClient::CurlWebClient(asio::any_io_executor executor, std::string user_agent,
                             int min_tls_version)
    : user_agent_(std::move(user_agent)), min_tls_version_(min_tls_version) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = std::make_shared<Multi>(std::move(executor));
}

CurlWebClient::~CurlWebClient() { multi_->Close(); }

Awaitable<WebResponse> CurlWebClient::Get(WebRequest request, Duration connect_timeout,
                                          SteadyTime deadline) {
  const Duration left = deadline - std::chrono::steady_clock::now();
  if (left <= Duration::zero()) {
    WebResponse late;
    late.timed_out = true;
    co_return late;
  }
  Transfer transfer(multi_, request, min_tls_version_);
  co_await transfer.Run(user_agent_, std::min(connect_timeout, left), left);
  co_return std::move(transfer.response);
}

}  // namespace net
