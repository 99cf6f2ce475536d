// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_registration.hpp"

#include <utility>

namespace tenon::namesrv {
namespace {

constexpr std::int64_t kMasterId = 0;

/// One registration on its way through the tables.
class Applying {
 public:
  Applying(RouteState& state, const RegistrationAtNameServer& incoming, const RegistrationPolicy& policy,
           std::int64_t now_ms)
      : state_(state),
        incoming_(incoming),
        said_(incoming.registration),
        policy_(policy),
        now_ms_(now_ms),
        address_(incoming.broker_address_text.empty() ? said_.broker_address.to_string()
                                                      : incoming.broker_address_text) {}

  Result<RegistrationAnswer> run() {
    const std::string* known = known_address();
    if (known == nullptr && !said_.complete) return Error(Errc::internal, "register broker failed");
    if (known != nullptr && *known != address_ && is_outdated_against(*known)) {
      // A broker of an older epoch came back after its successor: it is ignored, without telling it.
      state_.live.erase(LiveKey{said_.cluster, address_});
      return RegistrationAnswer{};
    }
    leave_former_name();
    enter_broker();
    if (brings_topics()) enter_topics();
    enter_live();
    return answer();
  }

 private:
  const std::string* known_address() const {
    const auto broker = state_.brokers.find(said_.broker_name);
    if (broker == state_.brokers.end()) return nullptr;
    const auto found = broker->second.addresses.find(said_.broker_id);
    return found == broker->second.addresses.end() ? nullptr : &found->second;
  }

  bool is_outdated_against(const std::string& other_address) const {
    const LiveBroker* other = state_.find_live(said_.cluster, other_address);
    return other != nullptr && other->version.state_version > said_.version.state_version;
  }

  /// A process that was set up anew under another name: nothing else would ever take the old one out.
  void leave_former_name() {
    const LiveBroker* live = state_.find_live(said_.cluster, address_);
    if (live == nullptr || live->broker_name == said_.broker_name) return;
    const std::string former = live->broker_name;
    state_.remove_broker(said_.cluster, former, address_);
  }

  void enter_broker() {
    state_.clusters[said_.cluster].insert(said_.broker_name);
    const auto [entry, added] = state_.brokers.try_emplace(said_.broker_name);
    broker_ = &entry->second;
    if (added) *broker_ = BrokerRoute{said_.cluster, said_.broker_name, {}, false, {}};
    broker_->enable_acting_master = incoming_.enable_acting_master.value_or(false);
    broker_->zone_name = incoming_.zone_name;
    // A process that changed its role holds another id now.
    std::erase_if(broker_->addresses,
                  [&](const auto& held) { return held.second == address_ && held.first != said_.broker_id; });
    first_ = broker_->addresses.insert_or_assign(said_.broker_id, address_).second;
  }

  bool brings_topics() const {
    if (said_.broker_id == kMasterId) return true;
    return incoming_.enable_acting_master.has_value() && broker_->addresses.begin()->first == said_.broker_id;
  }

  void enter_topics() {
    if (policy_.delete_topic_with_broker_registration && said_.complete) drop_topics_not_named();
    const LiveBroker* live = state_.find_live(said_.cluster, address_);
    const bool changed = first_ || live == nullptr || live->version != said_.version;
    for (const auto& topic : said_.topics) {
      auto& queues = state_.topics[topic->name];
      const auto [entry, added] = queues.try_emplace(said_.broker_name);
      if (changed || added) entry->second = queues_of(*topic);
    }
  }

  QueueRoute queues_of(const TopicConfig& topic) const {
    const bool read_only = said_.broker_id != kMasterId && broker_->enable_acting_master;
    const std::int32_t perm = read_only ? topic.perm & ~permission::write : topic.perm;
    return {said_.broker_name, topic.read_queue_nums, topic.write_queue_nums, perm, topic.sys_flag};
  }

  void drop_topics_not_named() {
    std::set<std::string_view> named;
    for (const auto& topic : said_.topics) named.insert(topic->name);
    for (auto topic = state_.topics.begin(); topic != state_.topics.end();) {
      if (!named.contains(topic->first)) topic->second.erase(said_.broker_name);
      topic = topic->second.empty() ? state_.topics.erase(topic) : std::next(topic);
    }
  }

  void enter_live() {
    const std::string ha = incoming_.ha_address_text.empty() ? said_.ha_address.to_string() : incoming_.ha_address_text;
    state_.live[LiveKey{said_.cluster, address_}] = LiveBroker{
        said_.broker_name, said_.broker_id, now_ms_, incoming_.heartbeat_timeout, said_.version, ha, incoming_.channel};
  }

  RegistrationAnswer answer() const {
    RegistrationAnswer out;
    if (said_.broker_id == kMasterId) return out;
    const auto master = broker_->addresses.find(kMasterId);
    if (master == broker_->addresses.end()) return out;
    if (const LiveBroker* live = state_.find_live(said_.cluster, master->second)) {
      out.master_address = master->second;
      out.ha_server_address = live->ha_address;
    }
    return out;
  }

  RouteState& state_;
  const RegistrationAtNameServer& incoming_;
  const BrokerRegistration& said_;
  const RegistrationPolicy& policy_;
  const std::int64_t now_ms_;
  const std::string address_;
  BrokerRoute* broker_ = nullptr;
  bool first_ = false;
};

}  // namespace

Result<RegistrationAnswer> apply_registration(RouteState& state, const RegistrationAtNameServer& incoming,
                                              const RegistrationPolicy& policy, std::int64_t now_ms) {
  return Applying(state, incoming, policy, now_ms).run();
}

}  // namespace tenon::namesrv
