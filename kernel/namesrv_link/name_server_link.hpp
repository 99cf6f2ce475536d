// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "namesrv_link/other_master.hpp"
#include "routing/broker_config.hpp"
#include "routing/repeating_timer.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_announcer.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/log.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/route_table.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// What this broker tells the name servers, and when: all topics at start and every 30 s, changed topics at once, that
/// it lives every 5 s, its end at drain. The bytes are spoken by the RouteRegistrar of a protocol plug-in; a name
/// server in the same process is told directly. Source: broker-semantics.md 1.7.
///
/// A name server that does not answer is no reason to stop: it is logged once when it goes and once when it is back, it
/// is tried again every 5 s, and nobody waits for it meanwhile. Threads: announce() from any; the phases on `ctl`; the
/// timer on `sched`.
class NameServerLink final : public TopicAnnouncer {
 public:
  NameServerLink(const BrokerConfig& config, const BrokerIdentity& identity, const Topics& topics, RoleKeeper& role,
                 Logger log);

  /// `aside`: where many topics may be listed and encoded, 2 ms a thousand, once a name server has answered; empty:
  /// where its answers come.
  void wire(RouteRegistrar* registrar, RouteTable* local, boost::asio::any_io_executor aside = {});
  /// Runs, on any thread, when a name server says that another broker has become the master of this name: not on a
  /// broker that was promoted while it runs, which is the newer one. Before start().
  void on_rival(std::function<void(const Error&)> rival) { masters_->rival = std::move(rival); }
  /// What such a broker is told of another one.
  OtherMaster& other_master() noexcept { return other_; }
  /// Asks the name servers whether another broker is the master of this name, and waits for them, some seconds at most.
  /// Those that do not answer know of none. Error: illegal_operation, with what to do.
  Status check_no_rival();
  /// Registers all topics, without waiting for the answers, and again every period.
  void start(const RunEvery& run_every);
  /// Registers all topics now, everywhere.
  void register_all();
  /// False: topics are registered without the permission to write, now and from now on.
  void register_writable(bool writable);
  /// Registers all topics with those name servers that did not take the last registration; a slave with all of them, to
  /// hear soon where its master is. The others are told that this broker lives, so that they soon forget one that
  /// vanished with its machine; who has forgotten it, or holds another version, gets all topics.
  void register_between_rounds();
  /// Registers when a name server knows a master. Asks for that alone first, so a slave without one may ask often.
  void look_for_master();
  void announce(std::vector<std::shared_ptr<const TopicConfig>> topics, const DataVersion& version,
                Announced announced) override;
  /// Unregisters everywhere; returns when all have answered or at `deadline`. So does who comes second.
  void drain(std::chrono::steady_clock::time_point deadline);

 private:
  /// One configured name server. Shared with answers that come after the link has gone.
  struct Server {
    std::string address;
    std::atomic<bool> away{false};
    std::atomic<bool> seen{false};
    std::atomic<bool> was_told_of_master{false};  ///< It has taken a registration of this broker as the master.
    std::atomic<bool> to_be_registered{false};    ///< By what waits for its turn in register_aside().
  };
  using ServerPtr = std::shared_ptr<Server>;
  /// What each name server said last about the master. Shared like a Server.
  struct Masters {
    std::mutex mutex;
    std::map<std::string, MasterAddresses> said;  ///< By name server.
    RoleKeeper* role;                             ///< nullptr: the link has gone.
    std::function<void(const Error&)> rival;

    bool is_orphaned() {
      const std::scoped_lock lock(mutex);
      return role == nullptr;
    }
  };

  BrokerRegistration registration(std::vector<std::shared_ptr<const TopicConfig>> topics, const DataVersion& version,
                                  bool complete) const;
  BrokerRegistration all_topics() const;
  void tick();
  void say_it_lives(const ServerPtr& server);
  void claim_place(const ServerPtr& server);
  void claim_local_place();
  bool is_this(const std::string& master) const;
  bool knows_of_promotion(const Server& server) const;
  bool has_lost_the_place() const;
  bool end_registrations();
  void unregister_all(std::chrono::steady_clock::time_point deadline);
  void tell_the_end(const ServerPtr& server, const BrokerRegistration& end, std::function<void(const Status&)> told);
  template <class Work>
  void aside(Work work);
  void look_and_register(const ServerPtr& server);
  void register_aside(const ServerPtr& server);
  Status judge_master(const Result<std::string>& known) const;
  void register_local(const BrokerRegistration& registration);
  void register_with(const ServerPtr& server, const BrokerRegistration& registration, std::function<void()> answered);
  static void note_answer(Server& server, const Result<RegistrationAnswer>& answer, const Logger& log);
  static void note_master(Masters& masters, const std::string& server, const Result<RegistrationAnswer>& answer);

  const BrokerConfig& config_;
  const BrokerIdentity& identity_;
  const Topics& topics_;
  const RoleKeeper& role_;
  const Logger log_;
  RouteRegistrar* registrar_ = nullptr;
  RouteTable* local_ = nullptr;
  boost::asio::any_io_executor aside_;
  mutable std::atomic<std::size_t> topics_listed_{0};  ///< When they were listed last.
  Server this_process_{.address = "this process"};     ///< Of local_.
  std::vector<ServerPtr> servers_;
  const std::shared_ptr<Masters> masters_ = std::make_shared<Masters>();
  std::atomic<bool> running_{false}, writable_{true};
  OtherMaster other_;
  std::shared_ptr<void> timer_;
  std::int64_t ticks_ = 0, ticks_per_round_ = 1;  ///< Only used by the timer.
  /// Shared where a registration is handed to the registrar, which encodes it, or the local table; alone at the end of
  /// this broker, so that none comes after it. The local table answers under it, and so may a registrar that cannot
  /// send.
  std::shared_mutex order_;
  bool ended_ = false;  ///< Of order_: drained, maybe before the start.
  std::mutex drain_mutex_;
  std::condition_variable drained_;
  bool draining_ = false;  ///< Of drain_mutex_.
};

}  // namespace tenon::kernel
