// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"
#include "tenon/error.hpp"

namespace tenon::kernel {

/// The configurations of the object `member` of a file, by name: topics, groups. `read` makes one of its JSON; its name
/// is what the table calls it, whatever stands inside. Error: message_illegal, when there is no such object.
template <class Config, class Read>
Result<std::vector<std::shared_ptr<const Config>>> read_config_table(const fastjson::Value& file,
                                                                     std::string_view member, const Read& read) {
  const fastjson::Value* table = file.find(member);
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, text("there is no object \"", member, "\" in it"));
  }
  std::vector<std::shared_ptr<const Config>> configs;
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (!name || name->empty()) continue;
    auto config = std::make_shared<Config>(read(value));
    config->name = *name;
    configs.push_back(std::move(config));
  }
  return configs;
}

}  // namespace tenon::kernel
