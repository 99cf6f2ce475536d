// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/authentication.hpp"

namespace tenon::protocol_mqtt {

/// The hash functions that SCRAM is used with here.
enum class ScramHash { sha256, sha512 };

/// "SCRAM-SHA-256", "SCRAM-SHA-512"; nothing for any other method.
std::optional<ScramHash> scram_hash_of(std::string_view method);

/// What a server keeps of a password: nobody can log in with it who does not know the password. RFC 5802 section 3.
struct ScramSecret {
  int iterations = 0;
  std::string salt, stored_key, server_key;
};

/// The secret of a password that was salted already (PBKDF2 with this hash, as long as the hash).
ScramSecret scram_secret_of(ScramHash hash, std::string_view salted_password, std::string salt, int iterations);
/// PBKDF2 with this hash, as long as the hash.
std::string salted_password_of(ScramHash hash, std::string_view password, std::string_view salt, int iterations);

/// What a client is shown of a secret before it has proved anything.
struct ScramShape {
  int iterations = 4096;
  std::size_t salt_bytes = 12;
};

/// Looks a user up; nothing: there is none, or none that may log in with this method.
using FindScramSecret = std::function<std::optional<ScramSecret>(std::string_view user_name)>;

/// The server's side of SCRAM, without channel binding. A user who does not exist is refused at the same step as one
/// whose password is wrong, and is shown one of the `usual` shapes until then. `usual` lives as long as `find`.
/// Source: RFC 5802, RFC 7677. Threads: one.
std::unique_ptr<Authentication> begin_scram(ScramHash hash, FindScramSecret find, std::span<const ScramShape> usual);

}  // namespace tenon::protocol_mqtt
