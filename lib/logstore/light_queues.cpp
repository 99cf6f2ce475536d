// SPDX-License-Identifier: Apache-2.0
#include "logstore/light_queues.hpp"

#include <charconv>

#include "logstore/queue_table.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::logstore {
namespace {

constexpr std::string_view kMultiDispatch = "INNER_MULTI_DISPATCH", kPrefix = "%LMQ%";

/// Neither retries nor the brokers' own topics go further than their queue.
bool may_be_dispatched_further(std::string_view topic) noexcept {
  return !topic.starts_with("%RETRY%") && !topic.starts_with("rmq_sys_") && topic != "SCHEDULE_TOPIC_XXXX";
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma != std::string_view::npos) list.remove_prefix(comma + 1);
  }
  return parts;
}

bool can_be_a_queue(std::string_view name) noexcept { return is_light_queue(name) && can_be_a_directory(name); }

}  // namespace

bool is_light_queue(std::string_view topic) noexcept {
  return topic.starts_with(kPrefix) && topic.size() > kPrefix.size();
}

Result<std::vector<std::string_view>> light_queues_of(const Message& message) {
  const auto list = PropertiesView(message.properties).find(kMultiDispatch);
  if (!list || !may_be_dispatched_further(message.topic)) return std::vector<std::string_view>();
  auto names = split(*list);
  for (const std::string_view name : names) {
    if (!can_be_a_queue(name)) return Error(Errc::message_illegal, text("'", name, "' cannot be a light queue"));
  }
  return names;
}

std::vector<LightEntry> light_entries_of(const record::RecordView& record) {
  const auto names = record.properties().find(kMultiDispatch), offsets = record.properties().find(kMultiQueueOffset);
  std::vector<LightEntry> entries;
  if (!names || !offsets || !may_be_dispatched_further(record.topic())) return entries;
  const auto name_list = split(*names), offset_list = split(*offsets);
  if (name_list.size() != offset_list.size()) return entries;
  for (std::size_t at = 0; at < name_list.size(); ++at) {
    const std::string_view digits = offset_list[at];
    std::int64_t offset = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size();
    if (whole && can_be_a_queue(name_list[at])) entries.push_back({name_list[at], offset});
  }
  return entries;
}

}  // namespace tenon::logstore
