// SPDX-License-Identifier: Apache-2.0
#include "app/kernel_units.hpp"

#include "config/kernel_sections.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/append_hints.hpp"
#include "tenon/append_listener.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/consumer_offset_changes.hpp"
#include "tenon/consumer_offset_resets.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/filter.hpp"
#include "tenon/filter_bit_maps.hpp"
#include "tenon/groups.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/queue_locks.hpp"
#include "tenon/readable_end.hpp"
#include "tenon/replication.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/route_table.hpp"
#include "tenon/statistics.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::kernel {
namespace {

template <class... Capabilities>
std::vector<CapabilityRef> refs() {
  return {CapabilityRef{Capabilities::kId.to_string(), {}, true}...};
}

}  // namespace

std::vector<SectionDeclaration> kernel_sections() {
  return {{"broker", "Who this broker is and what the kernel's routing does.", broker_config_keys()},
          {"runtime", "Threads and plug-in files.", runtime_config_keys()},
          {"log", "What is written to standard error.", log_config_keys()}};
}

Dependent kernel_as_dependent() {
  Dependent kernel;
  kernel.name = "kernel";
  kernel.provides = refs<AdminCommands, BrokerIdentity, BrokerRole, ClientRegistry, ConsumerOffsetChanges,
                         ConsumerOffsetResets, ConsumerOffsets, FilterBitMaps, Groups, MessageDelivery, MetadataCopy,
                         Publishing, Pulling, QueueLocks, Statistics, Topics>();
  for (CapabilityRef& provided : kernel.provides) provided.optional = false;
  for (const char* command : {"broker.drain", "broker.other-master"})
    kernel.provides.push_back({AdminCommand::kId.to_string(), command, false});
  // Not those of kernel_needs() that speak for the broker (RouteRegistrar, RouteTable): who provides them may need the
  // kernel, and the kernel needs them only after everybody has started.
  kernel.gathers = refs<MessageStore, FilterCompiler, PublishInterceptor, CommitGate, SystemTopic, TagsCodeRule>();
  return kernel;
}

std::vector<CapabilityRef> kernel_needs() {
  return refs<MessageStore, FilterCompiler, PublishInterceptor, CommitGate, SystemTopic, TagsCodeRule, TagsCodeRules,
              FilterBitMapKeeper, BatchQueues, RouteRegistrar, RouteTable, AppendListener, ReadableEnd, Replication,
              AdminCommand, AppendHints>();
}

}  // namespace tenon::kernel
