// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol-mqtt/engine/filter_tree.hpp"
#include "protocol-mqtt/engine/outside.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_mqtt {

/// Access rules in the format of Mosquitto's acl_file:
///
///     topic [read|write|readwrite|deny] <filter>      before any user line: clients without a name
///     user <name>                                     the topic lines that follow are this user's
///     pattern [read|write|readwrite|deny] <filter>    everybody's; %c is the client id, %u the user name
///
/// What no line grants is denied; a deny that matches wins over every grant. `read` is asked at delivery, `write` when
/// something is published. Source: mosquitto.conf(5); ../shared/reference/mqtt.md section 22. Threads: immutable.
class AccessRules {
 public:
  /// Error: invalid_parameter with the line.
  static Result<AccessRules> parse(std::string_view text);

  bool allows(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) const;

 private:
  struct Rule {
    bool read = false, write = false, deny = false;
    std::string filter;
  };
  enum class Verdict { nothing, granted, denied };

  static Result<Rule> parse_rule(std::string_view words);
  static void judge(const Rule& rule, Access access, std::string_view filter, std::string_view topic, Verdict& verdict);

  std::vector<Rule> anonymous_, patterns_;
  TextMap<std::vector<Rule>> users_;
};

}  // namespace tenon::protocol_mqtt
