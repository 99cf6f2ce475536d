// SPDX-License-Identifier: Apache-2.0
// The MessageDelivery half of Publisher: messages that were accepted before, without the checks of a send.
#include "routing/publisher.hpp"
#include "routing/system_names.hpp"

namespace tenon::kernel {

/// The topic's entry; made for topics that the broker itself makes, else one that nobody sees.
TopicEntryPtr Publisher::entry_for_delivery(std::string_view topic) {
  if (TopicEntryPtr known = parts_.topics.lookup(topic)) return known;
  TopicConfig config;
  config.name = topic;
  config.read_queue_nums = config.write_queue_nums = 1;
  if (topic.starts_with(kRetryPrefix)) {
    if (const auto group = parts_.groups.find_or_create(topic.substr(kRetryPrefix.size()))) {
      config.read_queue_nums = config.write_queue_nums = group->retry_queue_nums;
    }
  } else if (!topic.starts_with(kDeadLetterPrefix) && !parts_.topics.is_system(topic)) {
    return nowhere_;
  }
  Result<TopicEntryPtr> made = parts_.topics.ensure(std::move(config));
  return made ? *made : nowhere_;
}

Result<AppendReceipt> Publisher::deliver(const Message& message, const DeliveryOptions& options) {
  if (store_ == nullptr) return Error(Errc::service_not_available, "no message store is loaded: this is no broker");
  if (const Status master = parts_.role.check_master(); !master) return master.error();
  MessageDraft draft(message);
  if (message.store_host.port() == 0) draft.set_store_host(parts_.identity.advertised_address());
  if (options.interceptors_after) {
    const std::uint32_t kinds = traits_of(draft.properties()).kinds();
    if (const Status allowed = interception_.run(draft, kinds, options.interceptors_after); !allowed) {
      return allowed.error();
    }
    // Without anybody who delays it would go out at once; it waits at whoever asks until somebody is loaded.
    const std::uint32_t left = kinds & message_kind::delayed & ~interception_.handled();
    const bool moved = draft.message().topic != message.topic;
    if (const Status supported = PublishChecks::check_supported(message, moved ? 0 : left); !supported) {
      return supported.error();
    }
  }
  return append(draft.message(), *entry_for_delivery(draft.message().topic));
}

bool Publisher::is_safe(PhysicalOffset end) const noexcept { return acknowledger_.all_gates_open(end); }

}  // namespace tenon::kernel
