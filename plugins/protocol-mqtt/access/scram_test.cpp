// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/scram.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "protocol-mqtt/access/password_file.hpp"
#include "protocol-mqtt/base64url.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::ReasonCode;
using Step = Authentication::Step;

// Password "pencil", the salt of RFC 7677's example; keys by Python's hashlib and hmac.
constexpr std::string_view kScram256 =
    "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n";
// Password "secret", as mosquitto_passwd writes it.
constexpr std::string_view kPbkdf2 =
    "user:$7$101$c2FsdHNhbHRzYWx0$"
    "Hd71hnNoKcARd6Fkl1rUE+opfs3V78ZJB2AgXXC1kaKQiWfi5S5qX7D1mY5b+bIzvyidWMnS8VA+YAsAygq9EA==\n";

std::unique_ptr<Authentication> server(std::string_view file, ScramHash hash) {
  const auto passwords = std::make_shared<const PasswordFile>(PasswordFile::parse(file).value());
  const auto find = [=](std::string_view name) { return passwords->scram_secret(name, hash); };
  return begin_scram(hash, find, passwords->scram_shapes(hash));
}

std::string hmac(ScramHash hash, std::string_view key, std::string_view data) {
  std::string out(hash == ScramHash::sha256 ? 32 : 64, '\0');
  ::HMAC(hash == ScramHash::sha256 ? ::EVP_sha256() : ::EVP_sha512(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(), reinterpret_cast<unsigned char*>(out.data()),
         nullptr);
  return out;
}

/// What a client of this password says at last. `first` without its "n,,".
std::string last_message(ScramHash hash, std::string_view first, std::string_view challenge,
                         std::string_view password) {
  const std::string_view nonce = challenge.substr(0, challenge.find(','));
  const std::size_t salt_at = challenge.find(",s=") + 3;
  const std::string salt = *from_base64(challenge.substr(salt_at, challenge.find(",i=") - salt_at));
  const int iterations = std::stoi(std::string(challenge.substr(challenge.find(",i=") + 3)));
  const std::string salted = salted_password_of(hash, password, salt, iterations);
  const std::string without_proof = text("c=biws,", nonce);
  const ScramSecret secret = scram_secret_of(hash, salted, salt, iterations);
  std::string proof = hmac(hash, secret.stored_key, text(first, ",", challenge, ",", without_proof));
  const std::string client_key = hmac(hash, salted, "Client Key");
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
  return text(without_proof, ",p=", to_base64url(proof));
}

TEST(Scram, LetsInWhoKnowsThePasswordAndProvesTheServer) {
  struct Case {
    std::string_view file, password;
    ScramHash hash;
  };
  for (const Case& it : {Case{kScram256, "pencil", ScramHash::sha256}, Case{kPbkdf2, "secret", ScramHash::sha512}}) {
    const auto scram = server(it.file, it.hash);
    const Step challenge = scram->next("n,,n=user,r=abc");
    ASSERT_EQ(challenge.code, ReasonCode::continue_authentication);
    EXPECT_TRUE(challenge.data.starts_with("r=abc"));
    const Step verdict = scram->next(last_message(it.hash, "n=user,r=abc", challenge.data, it.password));
    EXPECT_EQ(verdict.code, ReasonCode::success);
    EXPECT_EQ(verdict.user_name, "user");
    EXPECT_TRUE(verdict.data.starts_with("v="));
    EXPECT_EQ(scram->next("anything").code, ReasonCode::not_authorized) << "it is over";
  }
}

TEST(Scram, RefusesAWrongPasswordAndAnUnknownUserAtTheSameStep) {
  for (const std::string_view name : {"user", "nobody"}) {
    const auto scram = server(kScram256, ScramHash::sha256);
    const std::string first = text("n=", name, ",r=abc");
    const Step challenge = scram->next("n,," + first);
    ASSERT_EQ(challenge.code, ReasonCode::continue_authentication);
    const std::string password = name == "user" ? "wrong" : "pencil";
    EXPECT_EQ(scram->next(last_message(ScramHash::sha256, first, challenge.data, password)).code,
              ReasonCode::not_authorized);
  }
}

TEST(Scram, AStrangerSeesWhatUsersSee) {
  for (const std::string_view name : {"user", "nobody", "no-one"}) {
    const Step challenge = server(kPbkdf2, ScramHash::sha512)->next(text("n,,n=", name, ",r=abc"));
    EXPECT_TRUE(challenge.data.ends_with(",i=101")) << challenge.data;
    const std::size_t salt_at = challenge.data.find(",s=") + 3;
    EXPECT_EQ(challenge.data.find(",i=") - salt_at, 16U) << "12 bytes in base64";
  }
}

TEST(Scram, RefusesWhatIsNoScram) {
  for (const char* bad : {"", "n", "n,,", "n,,n=user", "n,,r=abc,n=user", "p=tls-unique,,n=user,r=abc", "n,,n=a=b,r=c",
                          "n,,n=user,r=", "n,a=admin,n=user,r=abc"}) {
    EXPECT_EQ(server(kScram256, ScramHash::sha256)->next(bad).code, ReasonCode::not_authorized) << bad;
  }
  for (const char* bad : {"", "c=biws", "c=biws,r=abc", "c=biws,r=abc,p=", "c=eSws,r=abc,p=AAAA", ",p=AAAA"}) {
    const auto scram = server(kScram256, ScramHash::sha256);
    scram->next("n,,n=user,r=abc");
    EXPECT_EQ(scram->next(bad).code, ReasonCode::not_authorized) << bad;
  }
}

TEST(Scram, SecretsOfThePasswordFile) {
  const auto file = PasswordFile::parse(kScram256);
  ASSERT_TRUE(file.has_value()) << file.error().message();
  EXPECT_TRUE(file->accepts("user", "pencil"));
  EXPECT_FALSE(file->accepts("user", "Pencil"));
  EXPECT_FALSE(file->scram_secret("user", ScramHash::sha512).has_value());
  for (const char* bad : {"a:SCRAM-SHA-1$4096:AA==$AA==:AA==", "a:SCRAM-SHA-256$0:AA==$AA==:AA==", "a:SCRAM-SHA-256"}) {
    EXPECT_FALSE(PasswordFile::parse(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
