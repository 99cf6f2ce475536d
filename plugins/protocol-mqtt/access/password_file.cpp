// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/password_file.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>

#include "protocol-mqtt/access/text_lines.hpp"
#include "protocol-mqtt/base64url.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::size_t kHashBytes = 64;
constexpr int kIterationsMax = 10'000'000;
using Hash = std::array<unsigned char, kHashBytes>;

std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Hash hash_of(std::string_view password, std::string_view salt, int iterations) {
  Hash hash{};
  if (iterations > 0) {
    ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt), static_cast<int>(salt.size()),
                        iterations, ::EVP_sha512(), static_cast<int>(hash.size()), hash.data());
    return hash;
  }
  std::string both(password);
  both.append(salt);
  unsigned size = 0;
  ::EVP_Digest(both.data(), both.size(), hash.data(), &size, ::EVP_sha512(), nullptr);
  return hash;
}

}  // namespace

Result<PasswordFile::Secret> PasswordFile::parse_secret(std::string_view text) {
  Secret secret;
  const Error unknown(Errc::invalid_parameter,
                      "the secret is neither \"$7$iterations$salt$hash\" nor \"$6$salt$hash\"");
  cut(text, '$');
  const std::string_view kind = cut(text, '$');
  if (kind != "6" && kind != "7") return unknown;
  if (kind == "7") {
    const std::string_view count = cut(text, '$');
    const auto end = std::from_chars(count.data(), count.data() + count.size(), secret.iterations);
    if (end.ec != std::errc() || secret.iterations < 1 || secret.iterations > kIterationsMax) return unknown;
  }
  const auto salt = from_base64(cut(text, '$'));
  const auto hash = from_base64(text);
  if (!salt || !hash || hash->size() != kHashBytes) return unknown;
  secret.salt = *salt;
  secret.hash = *hash;
  return secret;
}

Result<PasswordFile> PasswordFile::parse(std::string_view text) {
  PasswordFile file;
  for (const TextLine& line : lines_of(text)) {
    std::string_view rest = line.text;
    if (rest.find(':') == std::string_view::npos) continue;
    const std::string_view name = cut(rest, ':');
    const auto secret = parse_secret(rest);
    if (!secret)
      return Error(Errc::invalid_parameter, tenon::text("line ", line.number, ": ", secret.error().message()));
    if (!file.secrets_.try_emplace(std::string(name), *secret).second) {
      return Error(Errc::invalid_parameter, tenon::text("line ", line.number, ": the name '", name, "' stands twice"));
    }
  }
  return file;
}

bool PasswordFile::accepts(std::string_view name, std::string_view password) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end() || password.size() > 65'535) return false;
  const Hash hash = hash_of(password, found->second.salt, found->second.iterations);
  return ::CRYPTO_memcmp(hash.data(), found->second.hash.data(), hash.size()) == 0;
}

}  // namespace tenon::protocol_mqtt
