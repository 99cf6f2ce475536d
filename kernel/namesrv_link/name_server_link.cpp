// SPDX-License-Identifier: Apache-2.0
#include "namesrv_link/name_server_link.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "namesrv_link/answers.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::chrono::milliseconds kRetryPeriod{5'000};
/// How long a start waits for what name servers know.
constexpr std::chrono::milliseconds kLookTime{3'000};
/// The longest in which a broker registers again: RocketMQ keeps its registerNameServerPeriod between 10 and 60 s.
constexpr std::chrono::milliseconds kLongestPeriod{60'000};

/// So many are listed and encoded in less than a millisecond.
constexpr std::size_t kTopicsInPassing = 1'000;

/// Empty: none is known.
std::string master_of(const ClusterInfo& known, const std::string& broker_name) {
  const auto broker = known.brokers.find(broker_name);
  return broker == known.brokers.end() ? std::string() : broker->second.master_address();
}

/// RocketMQ's replication port is the listening port plus one.
HostAddress replication_address(const HostAddress& address) {
  const auto port = static_cast<std::uint16_t>(address.port() + 1);
  const auto bytes = address.bytes();
  if (address.is_v6()) {
    std::array<std::uint8_t, 16> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    return HostAddress::v6(copy, port);
  }
  return HostAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}, port);
}

void forbid_writing(std::vector<std::shared_ptr<const TopicConfig>>& topics) {
  for (auto& topic : topics) {
    auto changed = std::make_shared<TopicConfig>(*topic);
    changed->perm &= ~permission::write;
    topic = std::move(changed);
  }
}

}  // namespace

NameServerLink::NameServerLink(const BrokerConfig& config, const BrokerIdentity& identity, const Topics& topics,
                               RoleKeeper& role, Logger log)
    : config_(config), identity_(identity), topics_(topics), role_(role), log_(log) {
  masters_->role = &role;
  for (const std::string& address : config_.name_servers) {
    servers_.push_back(std::make_shared<Server>());
    servers_.back()->address = address;
  }
}

void NameServerLink::wire(RouteRegistrar* registrar, RouteTable* local, boost::asio::any_io_executor aside) {
  registrar_ = registrar;
  local_ = local;
  aside_ = std::move(aside);
}

void NameServerLink::start(const RunEvery& run_every) {
  if (registrar_ == nullptr) {
    log_.warn("no plug-in speaks to name servers: this broker is not announced");
    return;
  }
  // A whole number of ticks makes a round, so that no round is missed or late because a tick drifts.
  ticks_per_round_ = (config_.register_name_server_period + kRetryPeriod - std::chrono::milliseconds(1)) / kRetryPeriod;
  ticks_per_round_ = std::max<std::int64_t>(1, ticks_per_round_);
  const auto tick_period = config_.register_name_server_period / ticks_per_round_;
  other_.set_looks_per_round(ticks_per_round_, kLongestPeriod / tick_period + 1);
  auto timer = run_every(tick_period, [this] { tick(); });
  {
    // Who drains may be a client that is served already, on another thread: it may have come first.
    const std::scoped_lock lock(order_);
    if (ended_) return;
    timer_ = std::move(timer);
    running_.store(true);
  }
  register_all();
}

/// A master looks before a round: registering would hide the other one.
void NameServerLink::tick() {
  if (++ticks_ % ticks_per_round_ != 0) return register_between_rounds();
  if (role_.announced_id() != 0) return register_all();
  if (!running_.load() || has_lost_the_place()) return;
  claim_local_place();
  register_local(all_topics());
  for (const ServerPtr& server : servers_) look_and_register(server);
}

/// What answers of name servers lead to. They come on a thread for sockets, where all its clients would wait.
template <class Work>
void NameServerLink::aside(Work work) {
  if (!aside_ || topics_listed_.load() <= kTopicsInPassing) return work();
  boost::asio::post(aside_, [this, masters = masters_, work = std::move(work)] {
    if (!masters->is_orphaned() && !has_lost_the_place()) work();
  });
}

/// Once, however many answers ask for it before it is its turn: it lists the topics only then.
void NameServerLink::register_aside(const ServerPtr& server) {
  if (server->to_be_registered.exchange(true)) return;
  aside([this, server] {
    server->to_be_registered.store(false);
    register_with(server, all_topics(), {});
  });
}

/// Lists the topics when it has looked: what was listed before would take back what was registered meanwhile.
void NameServerLink::look_and_register(const ServerPtr& server) {
  // Not shorter than a registration: what times out closes the connection, and its end would unregister this broker.
  registrar_->find_master(
      server->address, config_.name, config_.register_broker_timeout,
      [this, masters = masters_, server, knows_better = knows_of_promotion(*server)](const Result<std::string>& known) {
        if (masters->is_orphaned() || !running_.load() || has_lost_the_place()) return;
        if (known && knows_better) other_.seen(server->address, is_this(*known) ? "" : *known);
        const Status alone = role_.is_master_since_start() ? judge_master(known) : Status{};
        if (alone) return register_aside(server);
        if (masters->rival) masters->rival(alone.error());
      });
}

Status NameServerLink::judge_master(const Result<std::string>& known) const {
  if (!known || known->empty() || is_this(*known)) return {};
  return Error(Errc::illegal_operation,
               text("the name servers know another master of ", config_.name, ", at ", *known,
                    ": this broker is none then, so that there are not two. Stop that one and wait until they forget "
                    "it, or give this one a broker.id above 0 that it did not have, and it follows"));
}

Status NameServerLink::check_no_rival() {
  if (registrar_ == nullptr) return {};
  const auto answers = std::make_shared<Answers>(servers_.size());
  for (const ServerPtr& server : servers_) {
    registrar_->find_master(server->address, config_.name, kLookTime,
                            [this, masters = masters_, answers](const Result<std::string>& known) {
                              answers->one(masters->is_orphaned() ? Status{} : judge_master(known));
                            });
  }
  return answers->wait_until(std::chrono::steady_clock::now() + kLookTime);
}

BrokerRegistration NameServerLink::registration(std::vector<std::shared_ptr<const TopicConfig>> topics,
                                                const DataVersion& version, bool complete) const {
  BrokerRegistration registration;
  registration.cluster = config_.cluster;
  registration.broker_name = config_.name;
  registration.broker_id = role_.announced_id();
  registration.broker_address = identity_.advertised_address();
  registration.ha_address = role_.ha_address().value_or(replication_address(registration.broker_address));
  registration.version = version;
  registration.topics = std::move(topics);
  if (!writable_.load()) forbid_writing(registration.topics);
  registration.complete = complete;
  registration.not_active_timeout = config_.not_active_timeout;
  return registration;
}

void NameServerLink::register_writable(bool writable) {
  writable_.store(writable);
  register_all();
}

void NameServerLink::register_local(const BrokerRegistration& registration) {
  if (local_ == nullptr) return;
  const std::shared_lock lock(order_);
  if (!running_.load()) return;
  RegistrationAtNameServer at_server;
  at_server.registration = registration;
  // The broker of the same process lives as long as the name server: it is never to expire between two registrations.
  const auto answer = local_->register_broker(at_server);
  if (!answer) log_.warn("name server of this process: ", answer.error().message());
  if (answer && registration.broker_id == 0) this_process_.was_told_of_master.store(true);
  note_master(*masters_, this_process_.address, answer);
}

/// The first that knows a master is believed; a name server that does not answer knows nothing.
void NameServerLink::note_master(Masters& masters, const std::string& server,
                                 const Result<RegistrationAnswer>& answer) {
  const std::scoped_lock lock(masters.mutex);
  MasterAddresses& said = masters.said[server];
  said = answer ? MasterAddresses{answer->master_address, answer->ha_server_address, true} : MasterAddresses{};
  const auto knows = [](const auto& one) { return !one.second.broker.empty(); };
  const auto heard = [](const auto& one) { return one.second.heard; };
  MasterAddresses believed{.broker = {}, .replication = {}, .heard = std::ranges::any_of(masters.said, heard)};
  if (const auto found = std::ranges::find_if(masters.said, knows); found != masters.said.end()) {
    believed = found->second;
  }
  if (masters.role) masters.role->set_master(std::move(believed));
}

void NameServerLink::note_answer(Server& server, const Result<RegistrationAnswer>& answer, const Logger& log) {
  const bool was_away = server.away.exchange(!answer.has_value());
  const bool seen = server.seen.exchange(true);
  if (answer && (was_away || !seen)) log.info("registered with name server ", server.address);
  if (!answer && !was_away)
    log.warn("name server ", server.address, " does not take the registration: ", answer.error().message());
}

void NameServerLink::register_with(const ServerPtr& server, const BrokerRegistration& registration,
                                   std::function<void()> answered) {
  {
    const std::shared_lock lock(order_);
    if (running_.load()) {
      const bool as_master = registration.broker_id == 0;
      return registrar_->register_broker(server->address, registration, config_.register_broker_timeout,
                                         [server, masters = masters_, log = log_, as_master,
                                          answered = std::move(answered)](const Result<RegistrationAnswer>& answer) {
                                           note_answer(*server, answer, log);
                                           if (answer && as_master) server->was_told_of_master.store(true);
                                           note_master(*masters, server->address, answer);
                                           if (answered) answered();
                                         });
    }
  }
  if (answered) answered();
}

BrokerRegistration NameServerLink::all_topics() const {
  // The version first: a topic that comes in between is then announced again rather than missed.
  const DataVersion version = topics_.version();
  auto topics = topics_.list();
  topics_listed_.store(topics.size());
  return registration(std::move(topics), version, true);
}

void NameServerLink::register_all() {
  if (!running_.load() || has_lost_the_place()) return;
  const BrokerRegistration all = all_topics();
  register_local(all);
  for (const ServerPtr& server : servers_) register_with(server, all, {});
}

void NameServerLink::register_between_rounds() {
  const bool slave = role_.announced_id() != 0;
  if (!running_.load() || has_lost_the_place()) return;
  claim_local_place();
  std::optional<BrokerRegistration> all;
  for (const ServerPtr& server : servers_) {
    const bool away = server->away.load();  // asked once: an answer may change it at any time
    if (away) other_.seen(server->address, "");
    if (!slave && !away) {
      say_it_lives(server);
      continue;
    }
    if (!all) all = all_topics();
    register_with(server, *all, {});
  }
}

/// Once it has lost the place nobody must be led here by its name: another broker has it, or is about to.
bool NameServerLink::has_lost_the_place() const { return role_.broker_id() == 0 && !role_.is_master(); }

bool NameServerLink::is_this(const std::string& master) const {
  return master == identity_.advertised_address().to_string();
}

/// Before it is told of the promotion it names the former master, whether that one runs or not.
bool NameServerLink::knows_of_promotion(const Server& server) const {
  return !role_.is_master_since_start() && server.was_told_of_master.load();
}

/// What an old master said can arrive after what the new one said, and hide it. A promoted master is the newer one; one
/// that has been it from the start leaves another to its next round, which judges it.
void NameServerLink::claim_place(const ServerPtr& server) {
  registrar_->find_master(
      server->address, config_.name, config_.register_broker_timeout,
      [this, masters = masters_, server, knows_better = knows_of_promotion(*server)](const Result<std::string>& known) {
        if (masters->is_orphaned() || !running_.load() || has_lost_the_place() || !known) return;
        if (knows_better) other_.seen(server->address, is_this(*known) ? "" : *known);
        if (is_this(*known)) return;
        if (known->empty() || !role_.is_master_since_start()) register_aside(server);
      });
}

void NameServerLink::claim_local_place() {
  if (local_ == nullptr || !knows_of_promotion(this_process_)) return;
  const std::string known = master_of(local_->cluster_info(), config_.name);
  other_.seen(this_process_.address, is_this(known) ? "" : known);
  if (!is_this(known)) register_local(all_topics());
}

/// May take as long as a name server waits: what times out closes the connection, which would unregister this broker.
void NameServerLink::say_it_lives(const ServerPtr& server) {
  registrar_->check_registration(server->address, registration({}, topics_.version(), true), config_.not_active_timeout,
                                 [this, masters = masters_, server](const Result<bool>& current) {
                                   // The end of this broker may have been told meanwhile: not current is right then.
                                   if (masters->is_orphaned() || !running_.load()) return;
                                   if (current && *current) return claim_place(server);
                                   if (role_.is_master_since_start()) return look_and_register(server);
                                   register_aside(server);
                                 });
}

void NameServerLink::look_for_master() {
  if (!running_.load()) return;
  for (const ServerPtr& server : servers_) {
    registrar_->find_master(server->address, config_.name, config_.register_broker_timeout,
                            [this, masters = masters_](const Result<std::string>& known) {
                              if (!masters->is_orphaned() && known && !known->empty())
                                aside([this] { register_between_rounds(); });
                            });
  }
}

void NameServerLink::announce(std::vector<std::shared_ptr<const TopicConfig>> topics, const DataVersion& version,
                              Announced announced) {
  // Before start() there is no address to tell; start() announces everything.
  if (!running_.load()) return announced();
  const BrokerRegistration changed = registration(std::move(topics), version, false);
  register_local(changed);
  auto countdown = std::make_shared<Countdown>(servers_.size() + 1, std::move(announced));
  for (const ServerPtr& server : servers_) {
    if (server->away.load()) {
      // It gets the topic all the same, but nobody waits for a server that is not there.
      register_with(server, changed, {});
      countdown->one();
    } else {
      register_with(server, changed, [countdown] { countdown->one(); });
    }
  }
  countdown->one();
}

/// What was registered so far is on its way, and nothing is any more. False: nothing ever was.
bool NameServerLink::end_registrations() {
  std::shared_ptr<void> timer;  // ends without the lock: it may be waiting for that
  const std::scoped_lock lock(order_);
  ended_ = true;
  timer.swap(timer_);
  return running_.exchange(false);
}

void NameServerLink::tell_the_end(const ServerPtr& server, const BrokerRegistration& end,
                                  std::function<void(const Status&)> told) {
  registrar_->unregister_broker(server->address, end, config_.register_broker_timeout,
                                [server, told = std::move(told), log = log_](const Status& status) {
                                  if (!status)
                                    log.info("name server ", server->address,
                                             " not told of the end: ", status.error().message());
                                  told(status);
                                });
}

void NameServerLink::drain(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(drain_mutex_);
  if (!drained_.wait_until(lock, deadline, [this] { return !draining_; })) return;
  draining_ = true;
  lock.unlock();
  unregister_all(deadline);
  lock.lock();
  draining_ = false;
  drained_.notify_all();
}

void NameServerLink::unregister_all(std::chrono::steady_clock::time_point deadline) {
  {
    const std::scoped_lock lock(masters_->mutex);
    masters_->role = nullptr;
  }
  if (!end_registrations()) return;
  const BrokerRegistration end = registration({}, topics_.version(), true);
  if (local_ != nullptr)
    local_->unregister_broker(end.cluster, end.broker_name, end.broker_id, end.broker_address.to_string());
  // A name server of RocketMQ 4 would take the new master out. That this connection ends is enough.
  if (has_lost_the_place()) return;
  // Nobody waits for a name server that is away; but it may be taking a registration just now, so it is told, too.
  std::vector<ServerPtr> present, away;
  std::ranges::partition_copy(servers_, std::back_inserter(away), std::back_inserter(present),
                              [](const ServerPtr& server) { return server->away.load(); });
  const auto answers = std::make_shared<Answers>(present.size());
  for (const ServerPtr& server : away) tell_the_end(server, end, [](const Status&) {});
  for (const ServerPtr& server : present)
    tell_the_end(server, end, [answers](const Status& status) { answers->one(status); });
  (void)answers->wait_until(deadline);  // each failure was logged
}

}  // namespace tenon::kernel
