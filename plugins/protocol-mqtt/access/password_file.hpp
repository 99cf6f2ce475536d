// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "protocol-mqtt/engine/filter_tree.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_mqtt {

/// Names and secrets in the format of mosquitto_passwd: "name:$7$iterations$salt$hash" (PBKDF2-HMAC-SHA512) or
/// "name:$6$salt$hash" (SHA-512 of password and salt), salt and hash in base64. Comments begin with '#', lines without
/// ':' mean nothing. Source: mosquitto_passwd(1); ../shared/reference/mqtt.md section 22. Threads: immutable.
class PasswordFile {
 public:
  /// Error: invalid_parameter with the line, for a secret of another kind (argon2id among them) or a name twice.
  static Result<PasswordFile> parse(std::string_view text);

  /// Takes as long for an unknown name as it takes to look it up; the time to compute the hash tells nothing about it.
  bool accepts(std::string_view name, std::string_view password) const;
  std::size_t size() const noexcept { return secrets_.size(); }

 private:
  struct Secret {
    int iterations = 0;  ///< 0: the old form, one SHA-512.
    std::string salt, hash;
  };
  static Result<Secret> parse_secret(std::string_view text);

  TextMap<Secret> secrets_;
};

}  // namespace tenon::protocol_mqtt
