// SPDX-License-Identifier: Apache-2.0
#include "routing/light_queues.hpp"

#include <algorithm>
#include <cstddef>

namespace tenon::kernel {
namespace {

constexpr std::string_view kPrefix = "%LMQ%", kMultiDispatch = "INNER_MULTI_DISPATCH";
constexpr std::size_t kNameMax = 255;

}  // namespace

bool is_light(std::string_view name) noexcept {
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() && name.size() <= kNameMax;
}

TopicConfig light_topic(std::string_view name) {
  TopicConfig topic;
  topic.name = name;
  topic.read_queue_nums = topic.write_queue_nums = 1;
  topic.perm = permission::read | permission::write;
  return topic;
}

SubscriptionGroupConfig light_group(std::string_view name) {
  SubscriptionGroupConfig group;
  group.name = name;
  return group;
}

std::vector<std::string_view> light_queues_of(const PropertiesView& properties) {
  std::vector<std::string_view> names;
  std::string_view rest = properties.find(kMultiDispatch).value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (is_light(rest.substr(0, end))) names.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

}  // namespace tenon::kernel
