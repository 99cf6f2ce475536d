// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/scram.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <functional>

#include "protocol-mqtt/base64url.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::ReasonCode;

const EVP_MD* digest_of(ScramHash hash) { return hash == ScramHash::sha256 ? ::EVP_sha256() : ::EVP_sha512(); }
std::size_t size_of(ScramHash hash) { return hash == ScramHash::sha256 ? 32 : 64; }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(ScramHash hash, std::string_view key, std::string_view data) {
  std::string out(size_of(hash), '\0');
  ::HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), bytes(data), data.size(), bytes(out), nullptr);
  return out;
}

std::string digest(ScramHash hash, std::string_view data) {
  std::string out(size_of(hash), '\0');
  ::EVP_Digest(data.data(), data.size(), bytes(out), nullptr, digest_of(hash), nullptr);
  return out;
}

std::string to_base64(std::string_view data) {
  std::string out((data.size() + 2) / 3 * 4 + 1, '\0');
  const int size = ::EVP_EncodeBlock(bytes(out), bytes(data), static_cast<int>(data.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (::RAND_bytes(bytes(out), static_cast<int>(count)) != 1) return {};
  return out;
}

/// The next attribute "<name>=<value>" of a message; nothing when another one stands there.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return value;
}

/// "=2C" is a comma, "=3D" an equals sign; nothing for any other use of '='.
std::optional<std::string> user_name_from(std::string_view escaped) {
  std::string name;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '=') {
      name += escaped[i];
      continue;
    }
    const std::string_view code = escaped.substr(i, 3);
    if (code != "=2C" && code != "=3D") return std::nullopt;
    name += code == "=2C" ? ',' : '=';
    i += 2;
  }
  return name;
}

/// So that a stranger cannot tell whether a user exists: the same for the same name until the process ends, and as
/// those of real users look.
ScramSecret secret_of_nobody(ScramHash hash, std::string_view user_name, std::span<const ScramShape> usual) {
  static const std::string key = random_bytes(32);
  const std::string chance = hmac(ScramHash::sha512, key, user_name);
  const std::size_t choice = std::hash<std::string_view>{}(chance);
  const ScramShape shape = usual.empty() ? ScramShape() : usual[choice % usual.size()];
  ScramSecret secret;
  secret.iterations = shape.iterations;
  secret.salt = hmac(ScramHash::sha512, key, chance).substr(0, shape.salt_bytes);
  secret.stored_key = random_bytes(size_of(hash));
  secret.server_key = random_bytes(size_of(hash));
  return secret;
}

class Scram final : public Authentication {
 public:
  Scram(ScramHash hash, FindScramSecret find, std::span<const ScramShape> usual)
      : hash_(hash), find_(std::move(find)), usual_(usual) {}

  Step next(std::string_view data) override {
    if (state_ == State::begin) return first(data);
    if (state_ == State::challenged) return last(data);
    return refused();
  }

 private:
  enum class State { begin, challenged, over };

  Step refused() {
    state_ = State::over;
    return {ReasonCode::not_authorized, {}, {}};
  }

  /// "n,,n=user,r=nonce" -> "r=nonce,s=salt,i=iterations"
  Step first(std::string_view message) {
    for (const std::string_view header : {"n,,", "y,,"}) {
      if (message.starts_with(header)) header_ = header;
    }
    if (header_.empty()) return refused();
    std::string_view rest = message.substr(header_.size());
    client_first_ = rest;
    const auto name = take_attribute(rest, 'n');
    const auto nonce = take_attribute(rest, 'r');
    const auto user_name = name ? user_name_from(*name) : std::nullopt;
    const std::string own_nonce = random_bytes(18);
    if (!nonce || nonce->empty() || !user_name || own_nonce.empty()) return refused();
    user_name_ = *user_name;
    const auto secret = find_(user_name_);
    known_ = secret.has_value();
    secret_ = secret ? *secret : secret_of_nobody(hash_, user_name_, usual_);
    nonce_ = text(*nonce, to_base64(own_nonce));
    server_first_ = text("r=", nonce_, ",s=", to_base64(secret_.salt), ",i=", secret_.iterations);
    state_ = State::challenged;
    return {ReasonCode::continue_authentication, server_first_, {}};
  }

  /// "c=header,r=nonce,p=proof" -> "v=signature"
  Step last(std::string_view message) {
    state_ = State::over;
    std::string_view rest = message;
    const auto header = take_attribute(rest, 'c');
    const auto nonce = take_attribute(rest, 'r');
    const std::size_t proof_at = message.rfind(",p=");
    const auto proof = proof_at == std::string_view::npos ? std::nullopt : from_base64(message.substr(proof_at + 3));
    if (header != to_base64(header_) || nonce != nonce_ || !proof || proof->size() != size_of(hash_)) return refused();
    const std::string signed_text = text(client_first_, ",", server_first_, ",", message.substr(0, proof_at));
    std::string client_key = hmac(hash_, secret_.stored_key, signed_text);
    for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] = static_cast<char>(client_key[i] ^ (*proof)[i]);
    const std::string shown = digest(hash_, client_key);
    const bool right = ::CRYPTO_memcmp(shown.data(), secret_.stored_key.data(), shown.size()) == 0;
    if (!right || !known_) return refused();
    const std::string signature = hmac(hash_, secret_.server_key, signed_text);
    return {ReasonCode::success, text("v=", to_base64(signature)), user_name_};
  }

  const ScramHash hash_;
  const FindScramSecret find_;
  const std::span<const ScramShape> usual_;
  State state_ = State::begin;
  bool known_ = false;
  ScramSecret secret_;
  std::string header_, client_first_, server_first_, nonce_, user_name_;
};

}  // namespace

std::optional<ScramHash> scram_hash_of(std::string_view method) {
  if (method == "SCRAM-SHA-256") return ScramHash::sha256;
  if (method == "SCRAM-SHA-512") return ScramHash::sha512;
  return std::nullopt;
}

ScramSecret scram_secret_of(ScramHash hash, std::string_view salted_password, std::string salt, int iterations) {
  ScramSecret secret;
  secret.iterations = iterations;
  secret.salt = std::move(salt);
  secret.stored_key = digest(hash, hmac(hash, salted_password, "Client Key"));
  secret.server_key = hmac(hash, salted_password, "Server Key");
  return secret;
}

std::string salted_password_of(ScramHash hash, std::string_view password, std::string_view salt, int iterations) {
  std::string out(size_of(hash), '\0');
  ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt), static_cast<int>(salt.size()),
                      iterations, digest_of(hash), static_cast<int>(out.size()), bytes(out));
  return out;
}

std::unique_ptr<Authentication> begin_scram(ScramHash hash, FindScramSecret find, std::span<const ScramShape> usual) {
  return std::make_unique<Scram>(hash, std::move(find), usual);
}

}  // namespace tenon::protocol_mqtt
