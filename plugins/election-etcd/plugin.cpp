// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <pthread.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "election-etcd/election_keys.hpp"
#include "fastjson/reader.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/replication.hpp"
#include "tenon/text.hpp"
#include "tenon/thread_signals.hpp"

namespace tenon::election_etcd {
namespace {

/// No master has it.
constexpr std::int64_t kNoEpoch = INT64_MAX;

class ElectionPlugin final : public Plugin, public Candidate {
 public:
  explicit ElectionPlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return election_keys(); }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    access_ = read_access(section, complaints);
    prefix_ = section.string("prefix");
    if (prefix_.empty() || prefix_.back() != '/') complaints.error("prefix", "must end with a slash");
    settings_.members = section.integer("members");
    settings_.lease_ttl = section.duration("lease_ttl");
    allow_loss_ = section.boolean("allow_loss");
  }

  void wire(Services& services) override {
    role_ = &services.require<BrokerRole>();
    replication_ = &services.require<Replication>();
    identity_ = &services.require<BrokerIdentity>();
    drain_ = &services.require<AdminCommand>("broker.drain");
  }

  void start() override {
    settings_.broker_id = identity_->broker_id();
    if (settings_.broker_id == 0) {
      refuse(
          "broker.id is 0, or config/promoted in the data directory says that this broker was promoted by hand: a "
          "master for good. With an election each broker has an id of its own above 0");
    }
    role_->hold_until(Election::Clock::now());  // until it is elected, whoever promotes it
    replication_->require_epoch(kNoEpoch);      // until etcd has said who is
    const std::int64_t copies = replication_->status().in_sync_replicas_wanted;
    if (copies < 2 && !allow_loss_) {
      refuse(
          "replication is not \"sync\": a new master could lack acknowledged messages (allow_loss = true accepts it)");
    }
    if (copies > settings_.members) refuse("in_sync_replicas of [plugins.ha] is more than members");
    settings_.copies = copies < 2 ? settings_.members : copies;
    keys_.emplace(access_, text(prefix_, identity_->cluster(), '/', identity_->broker_name(), '/'), settings_.lease_ttl,
                  settings_.lease_ttl / 12);
    election_.emplace(settings_, *keys_, *this, [] { return Election::Clock::now(); });
  }

  void serve() override {
    const SignalsBlocked for_main;  // what this thread starts is left alone as well
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "election");
  }

  void drain(std::chrono::steady_clock::time_point) override {
    end_thread();
    if (!election_) return;
    // Nothing may be acknowledged any more when another broker takes the place.
    role_->hold_until(Election::Clock::now());
    election_->leave();
    election_.reset();
  }

  void stop() noexcept override { end_thread(); }

 private:
  [[noreturn]] static void refuse(std::string_view why) {
    throw Failure(Error(Errc::invalid_parameter, std::string(why)));
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      lock.unlock();
      const auto pause = tick();
      lock.lock();
      changed_.wait_for(lock, pause, [this] { return ending_; });
    }
  }

  /// What was thrown leaves nobody knows what: the place is given up rather than held without a thread.
  std::chrono::milliseconds tick() {
    try {
      const auto pause = election_->tick();
      show(election_->waits_for());
      return pause;
    } catch (const std::exception& failure) {
      give_up(text("the election failed: ", failure.what()));
      return std::chrono::hours(1);
    }
  }

  void show(const std::string& waits_for) {
    constexpr std::string_view kState = "no master is elected, or etcd is away";
    waits_for.empty() ? host_.clear_degraded(kState) : host_.report_degraded(kState, text("waiting for ", waits_for));
  }

  void end_thread() noexcept {
    {
      const std::scoped_lock lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (promotion_.valid()) promotion_.wait();
  }

  Position position() const override {
    const ReplicationStatus status = replication_->status();
    return {status.epoch, status.log_max.value};
  }
  std::int64_t confirmed() const override { return allow_loss_ ? 0 : replication_->status().confirmed.value; }
  /// Asked only while there is no master.
  bool drained() const override {
    const auto answer = drain_->run(R"({"action":"status"})");
    const auto status = answer ? fastjson::parse(*answer) : Result<fastjson::Value>(answer.error());
    return status && status->bool_or("draining", false);
  }
  std::int64_t now_ms() const override { return host_.now_ms(); }
  /// On a thread of its own: who begins may look through much of the log, and the lease must be renewed meanwhile.
  std::optional<Status> promote(std::int64_t epoch_min) override {
    if (!promotion_.valid())
      promotion_ = std::async(std::launch::async, [this, epoch_min] { return begin(epoch_min); });
    if (promotion_.wait_for(settings_.lease_ttl / 24) != std::future_status::ready) return std::nullopt;
    return promotion_.get();
  }
  Status begin(std::int64_t epoch_min) {
    ::pthread_setname_np(::pthread_self(), "promotion");
    const auto promoted = role_->promote(epoch_min);
    if (promoted) host_.log().info("elected: this broker is the master, epoch ", *promoted);
    return promoted ? Status{} : Status(promoted.error());
  }
  void hold_until(LeaseClock::time_point end) override { role_->hold_until(end); }
  void require_epoch(std::int64_t epoch_min) override { replication_->require_epoch(epoch_min); }
  void give_up(std::string_view reason) override {
    role_->fence(reason);
    host_.report_fault(text(reason, "; it must be started again, as a slave"), true);
  }

  Host& host_;
  EtcdAccess access_;
  std::string prefix_;
  bool allow_loss_ = false;
  ElectionSettings settings_;
  BrokerRole* role_ = nullptr;
  Replication* replication_ = nullptr;
  BrokerIdentity* identity_ = nullptr;
  AdminCommand* drain_ = nullptr;
  std::optional<EtcdKeys> keys_;
  std::optional<Election> election_;
  std::thread thread_;
  std::future<Status> promotion_;  ///< That is under way, if any. On thread_.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
};

}  // namespace
}  // namespace tenon::election_etcd

TENON_PLUGIN(tenon::election_etcd::ElectionPlugin, "tenon.election-etcd", TENON_SDK_VERSION, "",
             "tenon.broker-role/2; tenon.replication/2; tenon.broker-identity/1; "
             "tenon.admin-command/1:broker.drain")
