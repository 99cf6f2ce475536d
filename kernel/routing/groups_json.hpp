// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"
#include "tenon/error.hpp"
#include "tenon/groups.hpp"

namespace tenon::kernel {

/// Content of `config/subscriptionGroup.json`. Source: RocketMQ SubscriptionGroupManager; store-format.md 9.3.
struct GroupsFile {
  DataVersion version;
  std::vector<std::shared_ptr<const SubscriptionGroupConfig>> groups;
  fastjson::Value forbidden = fastjson::Value::Object{};  ///< `forbiddenTable`: kept as it came, not used here.
};

std::string encode_groups(const GroupsFile& file);
/// Unknown members are ignored, missing ones keep their defaults. Error: message_illegal.
Result<GroupsFile> decode_groups(std::string_view json);

}  // namespace tenon::kernel
