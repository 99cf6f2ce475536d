// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/tls_layer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "protocol-mqtt/transport/testing/certificates.hpp"

namespace tenon::protocol_mqtt {
namespace {

using ::testing::HasSubstr;

/// A client in memory: what it sends and gets are strings.
class TlsPeer {
 public:
  explicit TlsPeer(const CertificateFiles* certificate = nullptr, int version = 0)
      : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    if (version != 0) SSL_CTX_set_max_proto_version(context_.get(), version);
    if (certificate != nullptr) {
      SSL_CTX_use_certificate_file(context_.get(), certificate->certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_.get(), certificate->key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(context_.get());
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>("\x01x\x04mqtt"), 7);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  ~TlsPeer() { SSL_free(ssl_); }

  void give(std::string_view bytes) {
    if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    SSL_do_handshake(ssl_);
    std::array<char, 4096> plain;
    for (int count = 0; (count = SSL_read(ssl_, plain.data(), plain.size())) > 0;) got.append(plain.data(), count);
  }
  void say(std::string_view plain) { SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())); }
  void close() { SSL_shutdown(ssl_); }
  std::string take() {
    std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
    if (!bytes.empty()) BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  bool is_up() const { return SSL_is_init_finished(ssl_) == 1; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  std::string got;

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  SSL* ssl_ = nullptr;
};

class TlsLayerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() /
        ("tenon-tls-" + std::to_string(::getpid()) + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
    authority_ = std::make_unique<TestAuthority>(directory_, "authority");
    const CertificateFiles server = authority_->sign("server", "localhost");
    settings_.certificate_file = server.certificate;
    settings_.key_file = server.key;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void ask_for_certificates() {
    settings_.client_ca_file = authority_->certificate_file();
    settings_.require_certificate = settings_.use_identity_as_username = true;
  }
  /// Lets both talk until nothing is left to say. The status is the layer's last.
  Status talk(TlsPeer& peer, TlsLayer& layer) {
    Status status;
    std::string outer;
    do {
      peer.give(std::exchange(outer, {}));
      const std::string bytes = peer.take();
      if (!bytes.empty()) status = layer.receive(bytes, inner_, outer);
      if (!status) {
        peer.give(outer);
        return status;
      }
    } while (!outer.empty());
    return status;
  }

  std::filesystem::path directory_;
  std::unique_ptr<TestAuthority> authority_;
  TlsSettings settings_;
  std::string inner_;
};

TEST_F(TlsLayerTest, CarriesBytesBothWays) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsLayer layer(TlsContext::make(settings_).value());
    TlsPeer peer(nullptr, version);
    ASSERT_TRUE(talk(peer, layer));
    ASSERT_TRUE(peer.is_up());
    EXPECT_EQ(peer.protocol(), "mqtt");
    const std::string large(100'000, 'x');
    inner_.clear();
    peer.say(large);
    ASSERT_TRUE(talk(peer, layer));
    EXPECT_EQ(inner_, large);
    std::string outer;
    ASSERT_TRUE(layer.send(large, outer));
    layer.end(outer);
    peer.give(outer);
    EXPECT_EQ(peer.got, large);
  }
}

TEST_F(TlsLayerTest, TakesBytesCutAnywhere) {
  TlsLayer layer(TlsContext::make(settings_).value());
  TlsPeer peer;
  std::string outer;
  for (int round = 0; round < 5; ++round) {
    peer.give(std::exchange(outer, {}));
    if (round == 3) peer.say("hello");
    for (const char byte : peer.take()) ASSERT_TRUE(layer.receive({&byte, 1}, inner_, outer));
  }
  EXPECT_EQ(inner_, "hello");
}

TEST_F(TlsLayerTest, SaysWhoTheCertificateNames) {
  ask_for_certificates();
  TlsLayer layer(TlsContext::make(settings_).value());
  const CertificateFiles client = authority_->sign("client", "meter-7 \xc3\xa4");
  TlsPeer peer(&client);
  ASSERT_TRUE(talk(peer, layer));
  EXPECT_EQ(layer.proven_name(), "meter-7 \xc3\xa4");
}

TEST_F(TlsLayerTest, RefusesClientsWithoutAGoodCertificate) {
  ask_for_certificates();
  TestAuthority stranger(directory_, "stranger");
  const CertificateFiles foreign = stranger.sign("foreign", "meter-7");
  const CertificateFiles nameless = authority_->sign("nameless", "");
  const std::pair<const CertificateFiles*, const char*> cases[] = {{nullptr, "peer did not return a certificate"},
                                                                   {&foreign, "certificate verify failed"},
                                                                   {&nameless, "no common name"}};
  for (const auto& [certificate, reason] : cases) {
    TlsLayer layer(TlsContext::make(settings_).value());
    TlsPeer peer(certificate);
    const Status status = talk(peer, layer);
    ASSERT_FALSE(status) << reason;
    EXPECT_THAT(status.error().message(), HasSubstr(reason));
    EXPECT_EQ(inner_, "");
  }
}

TEST_F(TlsLayerTest, EndsWithTheClientsFarewellOrNonsense) {
  TlsLayer layer(TlsContext::make(settings_).value());
  TlsPeer peer;
  ASSERT_TRUE(talk(peer, layer));
  peer.say("last words");
  peer.close();
  EXPECT_THAT(talk(peer, layer).error().message(), HasSubstr("closed"));
  EXPECT_EQ(inner_, "last words");
  for (const char* nonsense :
       {"GET / HTTP/1.1\r\n\r\n", "\x10\x0c\x00\x04MQTT\x05\x00\x00\x00", "\x16\x03\x01\xff\xff\x01"}) {
    TlsLayer other(TlsContext::make(settings_).value());
    std::string outer;
    EXPECT_FALSE(other.receive(std::string(nonsense) + std::string(20'000, '\0'), inner_, outer));
    EXPECT_FALSE(other.receive("more", inner_, outer));
    EXPECT_FALSE(other.send("answer", outer));
  }
}

TEST_F(TlsLayerTest, SaysWhichFileIsWrong) {
  TlsSettings missing = settings_;
  missing.certificate_file = directory_ / "nowhere.pem";
  EXPECT_THAT(TlsContext::make(missing).error().message(), HasSubstr("nowhere.pem"));
  TlsSettings crossed = settings_;
  crossed.key_file = authority_->sign("other", "x").key;
  EXPECT_THAT(TlsContext::make(crossed).error().message(), HasSubstr("other.key"));
  TlsSettings no_authority = settings_;
  no_authority.client_ca_file = settings_.key_file;
  EXPECT_THAT(TlsContext::make(no_authority).error().message(), HasSubstr("client_ca_file"));
}

}  // namespace
}  // namespace tenon::protocol_mqtt
