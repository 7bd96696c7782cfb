#include "net/tls_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

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
      if (SSL_get_error(client.get(), connected) == SSL_ERROR_SSL) return false;
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

// Of RFC 3526, by OpenSSL's name.
EVP_PKEY* DiffieHellmanGroup(const char* name) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* group = nullptr;
  EVP_PKEY_paramgen_init(context.get());
  EVP_PKEY_CTX_set_group_name(context.get(), name);
  EVP_PKEY_paramgen(context.get(), &group);
  return group;
}

bool HandshakeWithGroup(const char* name) {
  Peers peers;
  SSL_set_dh_auto(peers.server.get(), 0);
  SSL_set0_tmp_dh_pkey(peers.server.get(), DiffieHellmanGroup(name));
  ERR_clear_error();
  return peers.Handshake();
}

TEST(PrepareRecording, ComputesWithDiffieHellmanGroupsOfABoundedSize) {
  EXPECT_TRUE(HandshakeWithGroup("modp_4096"));
  EXPECT_FALSE(HandshakeWithGroup("modp_6144"));
  EXPECT_THAT(HandshakeFailure(ERR_peek_error(), false, "").detail,
              testing::HasSubstr("Diffie-Hellman group"));
}

// RFC 5246 section 7.4.1.1: clients skip them while they shake hands, and OpenSSL counts none.
TEST(PrepareRecording, SkipsNoMoreMessagesThanAHandshakeHas) {
  constexpr std::array<unsigned char, 9> kHelloRequest{0x16, 3, 3, 0, 4, 0, 0, 0, 0};
  constexpr int kEnough = 1000;
  Peers peers;
  SSL_do_handshake(peers.client.get());
  ERR_clear_error();
  int sent = 0;
  int error = SSL_ERROR_WANT_READ;
  for (; error == SSL_ERROR_WANT_READ && sent < kEnough; ++sent) {
    BIO_write(SSL_get_wbio(peers.server.get()), kHelloRequest.data(), kHelloRequest.size());
    error = SSL_get_error(peers.client.get(), SSL_do_handshake(peers.client.get()));
  }
  EXPECT_EQ(error, SSL_ERROR_SSL);
  EXPECT_THAT(sent, testing::AllOf(testing::Gt(10), testing::Lt(kEnough)));
  EXPECT_THAT(HandshakeFailure(ERR_peek_error(), false, "").detail,
              testing::HasSubstr("more handshake messages"));
}

}  // namespace
}  // namespace net
