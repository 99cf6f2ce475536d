// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tenon/broker_role.hpp"
#include "tenon/log.hpp"
#include "tenon/replication.hpp"

namespace tenon::kernel {

/// The role of this broker, and what hangs on it. The publish path asks it twice a message: one atomic read each, and
/// the clock only where being the master can expire.
///
/// Lock order: promoting_ outside of mutex_, and outside of those that replication and whoever rests take.
class RoleKeeper final : public BrokerRole {
 public:
  /// `broker_id` as configured: 0 is a master.
  RoleKeeper(std::int64_t broker_id, Logger log);

  /// Where a promotion for good is kept: if one of this id is, this broker is a master. Before anybody looks at the
  /// role. Error: io.
  Status load(std::filesystem::path promotion_file);
  /// True when no promotion in this process made it the master: another broker may have taken the place meanwhile.
  bool is_master_since_start() const noexcept { return master_since_start_; }
  /// Such a master takes nothing from rest() to begin(), which is like a promotion: replication begins an epoch, then
  /// whoever rests begins. Error of begin(): that of replication, or what somebody threw, and then it is fenced;
  /// shutting_down.
  void rest();
  Status begin();

  /// Runs at the end of a promotion: the name servers must be told. Once, before anything else.
  void on_promoted(std::function<void()> promoted) { promoted_ = std::move(promoted); }
  /// What may refuse a promotion. Once, before anything else.
  void ask_before_promotion(std::function<Status()> check) { may_lead_ = std::move(check); }
  /// Says that this process is to stop: who begins as the master is then none any more (is_master()), and ends. It must
  /// be cheap, say the same for ever once it says so, and may come from any thread. Once, before anything else.
  void end_when(std::function<bool()> stop_requested) { stop_requested_ = std::move(stop_requested); }
  /// Ends a promotion that is under way, and waits for that; after it there is none: nobody begins anything while
  /// others end. Blocks, for as long as one who begins does without asking is_master().
  void end_promotions();
  /// Replication is told whom to follow, on `disk`, and when to be the master. Before start().
  void wire(Replication* replication, boost::asio::any_io_executor disk);
  /// What the name servers say; empty addresses for none.
  void set_master(MasterAddresses master);

  /// 0 as soon as this broker is the master.
  std::int64_t broker_id() const noexcept { return broker_id_.load(std::memory_order_acquire); }
  /// As what name servers know this broker: as the slave that it was for as long as it is becoming the master. They
  /// would lead producers here, to be refused.
  std::int64_t announced_id() const noexcept;
  /// Where slaves find this broker; empty without replication.
  std::optional<HostAddress> ha_address() const;
  /// Success while messages may be taken and acknowledged. Error: service_not_available, with what producers are told.
  Status check_taking() const { return is_master_for_ever() ? Status{} : check(State::master); }
  /// The same for what this broker stores of its own accord: also while those who have rested begin.
  Status check_master() const { return check(State::beginning); }
  /// Runs `work` while no promotion can come in between. Error: illegal_operation on a master, or that of `work`.
  Status while_slave(const std::function<Status()>& work) const;

  bool is_master() const noexcept override;
  void when_master(std::function<void()> begin) override;
  MasterAddresses master() const override;
  Result<std::int64_t> promote(std::int64_t epoch_min) override;
  Result<std::int64_t> promote_for_good() override;
  void hold_until(LeaseClock::time_point end) override;
  void fence(std::string_view reason) override;

 private:
  enum class State { fenced, slave, beginning, master };
  static constexpr std::int64_t kForEver = INT64_MAX;

  /// Only a call can end it: the usual case, seen without one.
  bool is_master_for_ever() const noexcept {
    return state_.load(std::memory_order_acquire) == State::master &&
           until_ns_.load(std::memory_order_acquire) == kForEver;
  }
  Status check(State at_least) const;
  Status forget_promotion() const;
  bool has_expired() const noexcept;
  bool is_ending() const noexcept;
  void follow();
  /// Those who rest, then messages are taken. Error: what one of them threw, or that it was fenced meanwhile.
  Status begin_all();
  /// Throws what they throw.
  void begin_each();
  /// False: it was already. Nothing is logged.
  bool take_role_away(std::string_view reason);

  const Logger log_;
  std::filesystem::path promotion_file_;
  bool master_since_start_;
  std::atomic<State> state_;
  std::atomic<std::int64_t> broker_id_;
  std::atomic<std::int64_t> slave_id_;            ///< That it had before.
  std::atomic<std::int64_t> until_ns_{kForEver};  ///< Of LeaseClock.
  std::function<void()> promoted_;
  std::function<Status()> may_lead_;
  std::function<bool()> stop_requested_;
  Replication* replication_ = nullptr;
  boost::asio::any_io_executor disk_;

  mutable std::mutex promoting_;  ///< Held while replication changes its role, and while a slave takes tables over.
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> beginnings_;
  MasterAddresses master_;
  std::string fenced_because_;
};

}  // namespace tenon::kernel
