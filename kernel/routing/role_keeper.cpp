// SPDX-License-Identifier: Apache-2.0
#include "routing/role_keeper.hpp"

#include <boost/asio/post.hpp>
#include <exception>

#include "state_file/state_file.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {

namespace {

/// The id that was promoted: who gives the broker another one has thought of its role since.
std::string promotion_of(std::int64_t broker_id) { return text(broker_id, '\n'); }

Error is_stopping() { return {Errc::shutting_down, "this broker is stopping"}; }

}  // namespace

RoleKeeper::RoleKeeper(std::int64_t broker_id, Logger log)
    : log_(log),
      master_since_start_(broker_id == 0),
      state_(broker_id == 0 ? State::master : State::slave),
      broker_id_(broker_id),
      slave_id_(broker_id) {}

Status RoleKeeper::load(std::filesystem::path promotion_file) {
  promotion_file_ = std::move(promotion_file);
  if (master_since_start_) return {};
  const auto kept = state_file::read_whole(promotion_file_);
  if (!kept) return kept.error();
  if (!*kept) return {};
  if (**kept != promotion_of(broker_id())) {
    log_.warn("this broker was promoted by hand, but its broker.id has been changed since: it is a slave");
    return forget_promotion();
  }
  log_.warn("broker.id is ", broker_id(),
            ", but this broker was promoted by hand: it is the master. Another id above 0, ", "or deleting ",
            promotion_file_.native(), ", makes it a slave at the next start");
  master_since_start_ = true;
  broker_id_.store(0);
  slave_id_.store(0);
  state_.store(State::master);
  return {};
}

void RoleKeeper::rest() {
  auto master = State::master;
  state_.compare_exchange_strong(master, State::beginning);
}

Status RoleKeeper::begin() {
  const std::scoped_lock one(promoting_);
  if (replication_ != nullptr) {
    if (const auto epoch = replication_->become_master(0); !epoch) return epoch.error();
  }
  return begin_all();
}

Status RoleKeeper::while_slave(const std::function<Status()>& work) const {
  const std::scoped_lock one(promoting_);
  if (broker_id() == 0) return Error(Errc::illegal_operation, "a master takes no metadata of others");
  return work();
}

bool RoleKeeper::has_expired() const noexcept {
  const std::int64_t until = until_ns_.load(std::memory_order_acquire);
  if (until == kForEver) [[likely]]
    return false;
  return LeaseClock::now().time_since_epoch() >= std::chrono::nanoseconds(until);
}

/// While one begins only: who has begun is the master until it is drained.
bool RoleKeeper::is_ending() const noexcept { return ending_.load() || (stop_requested_ && stop_requested_()); }

bool RoleKeeper::is_master() const noexcept {
  const State state = state_.load(std::memory_order_acquire);
  if (state < State::beginning || has_expired()) return false;
  return state == State::master || !is_ending();
}

std::int64_t RoleKeeper::announced_id() const noexcept {
  const State state = state_.load(std::memory_order_acquire);
  return state == State::slave || state == State::beginning ? slave_id_.load() : broker_id();
}

Status RoleKeeper::check(State at_least) const {
  const State state = state_.load(std::memory_order_acquire);
  if (state >= at_least && !has_expired()) [[likely]]
    return {};
  if (state == State::beginning) return Error(Errc::service_not_available, "this broker is becoming the master");
  if (state == State::slave) {
    return Error(Errc::service_not_available,
                 text("this broker is a slave (broker id ", broker_id(), "): it takes no messages, its master does"));
  }
  const std::scoped_lock lock(mutex_);
  return Error(Errc::service_not_available,
               text("this broker is not the master any more: ",
                    fenced_because_.empty() ? "its time as the master has run out" : fenced_because_));
}

void RoleKeeper::when_master(std::function<void()> begin) {
  {
    const std::scoped_lock one(promoting_, mutex_);
    const State state = state_.load();
    if (state == State::slave || state == State::beginning) return beginnings_.push_back(std::move(begin));
  }
  begin();
}

MasterAddresses RoleKeeper::master() const {
  const std::scoped_lock lock(mutex_);
  return master_;
}

void RoleKeeper::wire(Replication* replication, boost::asio::any_io_executor disk) {
  replication_ = replication;
  disk_ = std::move(disk);
}

std::optional<HostAddress> RoleKeeper::ha_address() const {
  if (replication_ == nullptr) return std::nullopt;
  return replication_->ha_address();
}

void RoleKeeper::set_master(MasterAddresses master) {
  {
    const std::scoped_lock lock(mutex_);
    if (state_.load() != State::slave || master == master_) return;
    master_ = master;
  }
  log_.info("name servers say that the master is ", master.broker.empty() ? "away" : master.broker);
  // A master that is away may be back at the same place: whoever follows it goes on trying.
  if (replication_ != nullptr && !master.replication.empty()) boost::asio::post(disk_, [this] { follow(); });
}

void RoleKeeper::follow() {
  const std::scoped_lock one(promoting_);
  const std::string address = master().replication;
  if (state_.load() != State::slave || address.empty()) return;
  if (const Status following = replication_->become_slave(address); !following) {
    log_.error("cannot follow the master at ", address, ": ", following.error().message());
  }
}

Status RoleKeeper::begin_all() {
  std::string failed;
  try {
    begin_each();
  } catch (const std::exception& failure) {
    failed = failure.what();
  }
  if (is_ending()) {  // what was thrown is of that, or nobody's business any more
    take_role_away(is_stopping().message());
    return is_stopping();
  }
  if (!failed.empty()) {
    fence(text("it could not begin as the master: ", failed));
    return Error(Errc::internal, text("cannot begin as the master: ", failed));
  }
  auto begun = State::beginning;
  state_.compare_exchange_strong(begun, State::master);
  return begun == State::fenced ? check_master() : Status{};
}

void RoleKeeper::begin_each() {
  std::vector<std::function<void()>> beginnings;
  {
    const std::scoped_lock lock(mutex_);
    beginnings.swap(beginnings_);
  }
  for (const auto& begin : beginnings) {
    if (state_.load() != State::fenced && !is_ending()) begin();  // each may take long, and is for a master only
  }
}

void RoleKeeper::end_promotions() {
  ending_ = true;
  const std::scoped_lock until_ended(promoting_);
}

// Whoever rests begins to deliver at once, so the role changes before; the name servers are told last.
Result<std::int64_t> RoleKeeper::promote(std::int64_t epoch_min) {
  const std::scoped_lock one(promoting_);
  const State state = state_.load();
  if (state == State::master) return std::int64_t{0};
  if (state != State::slave) return check_master().error();
  if (is_ending()) return is_stopping();
  if (may_lead_) {
    if (const Status may = may_lead_(); !may) return may.error();
  }
  log_.info("this broker, a slave with id ", broker_id(), ", becomes the master");
  std::int64_t epoch = 0;
  if (replication_ != nullptr) {
    auto begun = replication_->become_master(epoch_min);
    if (!begun) return begun;
    epoch = *begun;
  }
  {
    const std::scoped_lock lock(mutex_);
    master_ = {};
  }
  broker_id_.store(0);
  auto slave = State::slave;
  if (!state_.compare_exchange_strong(slave, State::beginning)) return check_master().error();
  if (Status begun = begin_all(); !begun) return begun.error();
  if (promoted_) promoted_();
  return epoch;
}

// Kept first: a broker that was the master and forgot it would follow the old one, and cut off what it took since.
Result<std::int64_t> RoleKeeper::promote_for_good() {
  if (state_.load() != State::slave) return promote(0);
  if (until_ns_.load() != kForEver) {
    return Error(Errc::illegal_operation, "an election decides on the master of this broker name, nobody else");
  }
  // Before it is kept, too: a refusal leaves no trace, whatever happens in between.
  if (const Status may = may_lead_ ? may_lead_() : Status{}; !may) return may.error();
  if (const Status kept = state_file::replace(promotion_file_, promotion_of(broker_id())); !kept) return kept.error();
  Result<std::int64_t> epoch = promote(0);
  if (epoch) return epoch;
  if (epoch.error().is(Errc::shutting_down) && broker_id() == 0) {
    return Error(Errc::shutting_down, "this broker is stopping: it begins as the master at its next start");
  }
  if (const Status forgotten = forget_promotion(); !forgotten) log_.error(forgotten.error().message());
  return epoch;
}

Status RoleKeeper::forget_promotion() const {
  std::error_code failed;
  std::filesystem::remove(promotion_file_, failed);
  if (!failed) return {};
  return Error(Errc::io, text("cannot delete ", promotion_file_.native(),
                              ", which says that this broker is a master: ", failed.message()));
}

void RoleKeeper::hold_until(LeaseClock::time_point end) {
  until_ns_.store(end.time_since_epoch().count(), std::memory_order_release);
}

bool RoleKeeper::take_role_away(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  if (state_.load() == State::fenced) return false;
  fenced_because_ = reason;
  state_.store(State::fenced, std::memory_order_release);
  return true;
}

void RoleKeeper::fence(std::string_view reason) {
  if (take_role_away(reason)) log_.error("this broker takes nothing any more: ", reason);
}

}  // namespace tenon::kernel
