#include "net/tls_recorder.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace net {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

// Of TLS 1.2, the last one that knows renegotiation; without certificates.
Context Prepared(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), &SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ADH-AES256-GCM-SHA384:@SECLEVEL=0");
  SSL_CTX_set_dh_auto(context.get(), 1);
  return context;
}

// A client as both of ours are, and a server, joined in memory.
struct Peers {
  Peers() {
    PrepareRecording(client_context.get(), TLS1_2_VERSION);
    client.reset(SSL_new(client_context.get()));
    server.reset(SSL_new(server_context.get()));
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    BIO* of_client = nullptr;
    BIO* of_server = nullptr;
    BIO_new_bio_pair(&of_client, 0, &of_server, 0);
    SSL_set_bio(client.get(), of_client, of_client);
    SSL_set_bio(server.get(), of_server, of_server);
  }

  bool Handshake() {
    for (int turn = 0; turn < 10; ++turn) {
      const int connected = SSL_do_handshake(client.get());
      if (SSL_do_handshake(server.get()) == 1 && connected == 1) return true;
    }
    return false;
  }

  Context client_context = Prepared(TLS_client_method());
  Context server_context = Prepared(TLS_server_method());
  Connection client{nullptr, &SSL_free};
  Connection server{nullptr, &SSL_free};
};

TEST(PrepareRecording, RenegotiatesWithNobody) {
  Peers peers;
  ASSERT_TRUE(peers.Handshake());
  SSL_renegotiate(peers.server.get());
  SSL_do_handshake(peers.server.get());
  ASSERT_GT(BIO_ctrl_pending(SSL_get_rbio(peers.client.get())), 0U) << "the server asks for it";
  std::array<char, 1> octet{};
  SSL_read(peers.client.get(), octet.data(), 1);
  EXPECT_EQ(SSL_total_renegotiations(peers.client.get()), 0);
}

}  // namespace
}  // namespace net
