// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_drain.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "routing/system_names.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {

void BrokerDrain::wire(MessageStore* store, std::function<void(bool)> registered_writable,
                       std::function<void()> leave) {
  store_ = store;
  registered_writable_ = std::move(registered_writable);
  leave_ = std::move(leave);
}

// Consumers must still be able to give messages back: else nothing is ever consumed.
bool BrokerDrain::refuses(std::string_view topic) const noexcept {
  return draining_.load(std::memory_order_relaxed) && !topic.starts_with(kRetryPrefix);
}

Status BrokerDrain::check_may_lead() const {
  if (left_.load()) return Error(Errc::illegal_operation, "this broker has left its name servers: restart it");
  if (draining_.load()) return Error(Errc::illegal_operation, "this broker is being drained");
  return {};
}

Result<std::string> BrokerDrain::run(std::string_view arguments) {
  if (store_ == nullptr) return Error(Errc::service_not_available, "no message store is loaded: this is no broker");
  const auto json = fastjson::parse(arguments.empty() ? "{}" : arguments);
  if (!json) return json.error();
  const std::string action = json->text_or("action", "status");
  if (action == "begin") {
    if (!draining_.exchange(true)) {
      parts_.log.warn("an operator drains this broker: it takes no new messages");
      registered_writable_(false);
    }
  } else if (action == "cancel") {
    if (left_.load()) return Error(Errc::illegal_operation, "this broker has left its name servers: restart it");
    if (draining_.exchange(false)) {
      parts_.log.info("no longer drained: this broker takes messages again");
      registered_writable_(true);
    }
  } else if (action == "leave") {
    if (!draining_.load()) return Error(Errc::illegal_operation, "this broker is not being drained");
    if (!left_.exchange(true)) {
      leave_();
      parts_.log.warn("drained: this broker unregisters from its name servers");
    }
  } else if (action != "status") {
    return Error(Errc::invalid_parameter, text("action \"", action, "\", known are begin, status, leave, cancel"));
  }
  return status();
}

std::int64_t BrokerDrain::unconsumed(const GroupOffsets& consumed) const {
  std::int64_t messages = 0;
  for (const auto& [queue_id, offset] : consumed.offsets) {
    const QueueBounds bounds = store_->bounds(consumed.topic, queue_id);
    messages += std::max<std::int64_t>(bounds.max - std::max(offset, bounds.min), 0);
  }
  return messages;
}

std::string BrokerDrain::status() const {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("draining", draining_.load()).member("left", left_.load()).key("groups").begin_array();
  std::int64_t all = 0;
  std::vector<GroupOffsets> offsets = parts_.offsets.all();
  std::ranges::sort(offsets, {}, [](const GroupOffsets& one) { return std::tie(one.group, one.topic); });
  for (const GroupOffsets& consumed : offsets) {
    if (consumed.group.starts_with(kSystemGroupPrefix) || !parts_.groups.find(consumed.group)) continue;
    const std::int64_t messages = unconsumed(consumed);
    if (messages == 0) continue;
    all += messages;
    json.begin_object().member("group", consumed.group).member("topic", consumed.topic);
    json.member("messages", messages).end_object();
  }
  json.end_array().member("unconsumed", all).end_object();
  return out;
}

}  // namespace tenon::kernel
