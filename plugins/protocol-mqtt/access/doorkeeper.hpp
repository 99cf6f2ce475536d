// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "mqtt/reason_code.hpp"
#include "protocol-mqtt/access/access_rules.hpp"
#include "protocol-mqtt/access/password_file.hpp"
#include "protocol-mqtt/engine/authentication.hpp"

namespace tenon::protocol_mqtt {

/// Decides who may come in and what they may do. Clients without a name come in where their listener lets them; a name
/// must be in the password file, unless the connection has proved it. Without access rules everybody may do everything.
/// Threads: the engine's.
class Doorkeeper {
 public:
  /// Reads the files; an empty path means there is none. Error: invalid_parameter or io, with path and line.
  static Result<Doorkeeper> make(const std::string& password_file, const std::string& access_file);

  /// Comes to a verdict by hashing a password, which takes long. Threads: any; needs nothing but itself.
  using Check = std::function<mqtt::ReasonCode()>;
  /// A verdict, or how to come to one.
  std::variant<mqtt::ReasonCode, Check> authenticate(const Credentials& credentials, bool anonymous_allowed) const;
  /// SCRAM-SHA-512 and SCRAM-SHA-256 against the password file; nullptr for any other method, and without a file.
  std::unique_ptr<Authentication> begin_authentication(std::string_view method) const;
  bool may(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) const {
    return !rules_ || rules_->allows(access, client_id, user_name, topic);
  }

 private:
  std::shared_ptr<const PasswordFile> passwords_;  ///< Conversations that are under way hold it, too.
  std::optional<AccessRules> rules_;
};

}  // namespace tenon::protocol_mqtt
