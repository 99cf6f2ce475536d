// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol-mqtt/access/scram.hpp"
#include "protocol-mqtt/engine/filter_tree.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_mqtt {

/// Names and secrets, a line "name:secret" each. Secrets:
///
///     $7$iterations$salt$hash                           PBKDF2-HMAC-SHA512, as mosquitto_passwd writes it
///     $6$salt$hash                                      SHA-512 of password and salt, its older form
///     SCRAM-SHA-256$iterations:salt$stored:server       a SCRAM secret in PostgreSQL's form; SCRAM-SHA-512 likewise
///
/// with everything but numbers in base64. A "$7$" secret is what SCRAM-SHA-512 needs, too. Comments begin with '#',
/// lines without ':' mean nothing. Source: mosquitto_passwd(1); RFC 5803; ../shared/reference/mqtt.md section 22.
/// Threads: immutable.
class PasswordFile {
 public:
  /// Error: invalid_parameter with the line, for a secret of another kind (argon2id among them) or a name twice.
  static Result<PasswordFile> parse(std::string_view text);

  bool knows(std::string_view name) const { return secrets_.find(name) != secrets_.end(); }
  /// Hashes are compared in constant time. No hash is computed for an unknown name, so strangers cost nothing here, and
  /// can tell by the time it takes whether a name exists.
  bool accepts(std::string_view name, std::string_view password) const;
  /// What SCRAM with this hash needs of the user; nothing when the file does not have it.
  std::optional<ScramSecret> scram_secret(std::string_view name, ScramHash hash) const;
  /// One for each secret that SCRAM with this hash can use.
  std::span<const ScramShape> scram_shapes(ScramHash hash) const noexcept {
    return hash == ScramHash::sha256 ? sha256_shapes_ : sha512_shapes_;
  }
  std::size_t size() const noexcept { return secrets_.size(); }

 private:
  struct Digest {
    std::string salt, hash;
  };
  struct Pbkdf2 {
    int iterations = 0;
    std::string salt, hash;
  };
  struct Scram {
    ScramHash hash = ScramHash::sha256;
    ScramSecret secret;
  };
  using Secret = std::variant<Digest, Pbkdf2, Scram>;
  static bool accepts(const Digest& secret, std::string_view password);
  static bool accepts(const Pbkdf2& secret, std::string_view password);
  static bool accepts(const Scram& secret, std::string_view password);
  static std::optional<Secret> parse_secret(std::string_view text);
  static std::optional<Secret> parse_scram(std::string_view text);

  void note_shape(const Secret& secret);

  TextMap<Secret> secrets_;
  std::vector<ScramShape> sha256_shapes_, sha512_shapes_;
};

}  // namespace tenon::protocol_mqtt
