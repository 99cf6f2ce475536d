// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/password_file.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>

#include "protocol-mqtt/access/text_lines.hpp"
#include "protocol-mqtt/base64url.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::size_t kHashBytes = 64;
constexpr int kIterationsMax = 10'000'000;

std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

/// 0 for what is no number of iterations.
int iterations_of(std::string_view text) {
  int value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end.ec == std::errc() && end.ptr == text.data() + text.size();
  return whole && value >= 1 && value <= kIterationsMax ? value : 0;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<PasswordFile::Secret> PasswordFile::parse_scram(std::string_view text) {
  const auto kind = scram_hash_of(cut(text, '$'));
  if (!kind) return std::nullopt;
  Scram scram;
  scram.hash = *kind;
  scram.secret.iterations = iterations_of(cut(text, ':'));
  const auto salt = from_base64(cut(text, '$'));
  const auto stored_key = from_base64(cut(text, ':'));
  const auto server_key = from_base64(text);
  const std::size_t size = *kind == ScramHash::sha256 ? 32 : 64;
  if (scram.secret.iterations == 0 || !salt || !stored_key || !server_key) return std::nullopt;
  if (stored_key->size() != size || server_key->size() != size) return std::nullopt;
  scram.secret.salt = *salt;
  scram.secret.stored_key = *stored_key;
  scram.secret.server_key = *server_key;
  return scram;
}

std::optional<PasswordFile::Secret> PasswordFile::parse_secret(std::string_view text) {
  if (!text.starts_with('$')) return parse_scram(text);
  cut(text, '$');
  const std::string_view kind = cut(text, '$');
  if (kind != "6" && kind != "7") return std::nullopt;
  const int iterations = kind == "7" ? iterations_of(cut(text, '$')) : 0;
  const auto salt = from_base64(cut(text, '$'));
  const auto hash = from_base64(text);
  if (!salt || !hash || hash->size() != kHashBytes) return std::nullopt;
  if (kind == "6") return Digest{*salt, *hash};
  if (iterations == 0) return std::nullopt;
  return Pbkdf2{iterations, *salt, *hash};
}

Result<PasswordFile> PasswordFile::parse(std::string_view text) {
  PasswordFile file;
  for (const TextLine& line : lines_of(text)) {
    std::string_view rest = line.text;
    if (rest.find(':') == std::string_view::npos) continue;
    const std::string_view name = cut(rest, ':');
    const auto secret = parse_secret(rest);
    if (!secret) {
      return Error(Errc::invalid_parameter,
                   tenon::text("line ", line.number, ": the secret is none of \"$7$iterations$salt$hash\", ",
                               "\"$6$salt$hash\", \"SCRAM-SHA-256$iterations:salt$stored:server\""));
    }
    if (!file.secrets_.try_emplace(std::string(name), *secret).second) {
      return Error(Errc::invalid_parameter, tenon::text("line ", line.number, ": the name '", name, "' stands twice"));
    }
    file.note_shape(*secret);
  }
  return file;
}

void PasswordFile::note_shape(const Secret& secret) {
  if (const auto* scram = std::get_if<Scram>(&secret)) {
    auto& shapes = scram->hash == ScramHash::sha256 ? sha256_shapes_ : sha512_shapes_;
    shapes.push_back({scram->secret.iterations, scram->secret.salt.size()});
  } else if (const auto* salted = std::get_if<Pbkdf2>(&secret)) {
    sha512_shapes_.push_back({salted->iterations, salted->salt.size()});
  }
}

bool PasswordFile::accepts(const Digest& secret, std::string_view password) {
  std::string both(password);
  both.append(secret.salt);
  std::string hash(kHashBytes, '\0');
  ::EVP_Digest(both.data(), both.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr, ::EVP_sha512(),
               nullptr);
  return same(hash, secret.hash);
}

bool PasswordFile::accepts(const Pbkdf2& secret, std::string_view password) {
  return same(salted_password_of(ScramHash::sha512, password, secret.salt, secret.iterations), secret.hash);
}

bool PasswordFile::accepts(const Scram& scram, std::string_view password) {
  const ScramSecret& secret = scram.secret;
  const std::string salted = salted_password_of(scram.hash, password, secret.salt, secret.iterations);
  return same(scram_secret_of(scram.hash, salted, {}, 0).stored_key, secret.stored_key);
}

bool PasswordFile::accepts(std::string_view name, std::string_view password) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end() || password.size() > 65'535) return false;
  return std::visit([password](const auto& secret) { return accepts(secret, password); }, found->second);
}

std::optional<ScramSecret> PasswordFile::scram_secret(std::string_view name, ScramHash hash) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return std::nullopt;
  if (const auto* scram = std::get_if<Scram>(&found->second); scram != nullptr && scram->hash == hash) {
    return scram->secret;
  }
  const auto* salted = std::get_if<Pbkdf2>(&found->second);
  if (salted == nullptr || hash != ScramHash::sha512) return std::nullopt;
  return scram_secret_of(hash, salted->hash, salted->salt, salted->iterations);
}

}  // namespace tenon::protocol_mqtt
