// SPDX-License-Identifier: Apache-2.0
#include "transaction_interceptor.hpp"

#include <algorithm>
#include <charconv>

#include "half_message.hpp"

namespace tenon::transaction {
namespace {

bool is_true(std::string_view value) {
  constexpr std::string_view kTrue = "true";
  return std::ranges::equal(value, kTrue, [](char a, char b) { return (a | 0x20) == b; });
}

/// A consumer's retry keeps the properties of the transactional message it comes from.
bool is_retry(const Message& message, const PropertiesView& properties) {
  if (message.topic.starts_with("%RETRY%") || message.topic.starts_with("%DLQ%")) return true;
  if (message.reconsume_times <= 0) return false;
  const std::string_view level = properties.find(tenon::property::delay).value_or("0");
  int value = 0;
  std::from_chars(level.data(), level.data() + level.size(), value);
  return value > 0;
}

}  // namespace

Status TransactionInterceptor::intercept(MessageDraft& draft) {
  const Message& message = draft.message();
  if ((message.sys_flag & sys_flag::transaction_mask) == sys_flag::transaction_commit) return {};
  if (!is_true(draft.properties().find(tenon::property::transaction_prepared).value_or(""))) return {};
  if (is_retry(message, draft.properties())) return {};
  if (parts_.settings->reject)
    return Error(Errc::no_permission, "this broker is configured to reject transaction messages");
  parts_.waiting->add(message.topic, 1, parts_.host->now_ms());
  make_half(draft);
  return {};
}

}  // namespace tenon::transaction
