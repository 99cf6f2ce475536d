// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tenon/broker_role.hpp"
#include "tenon/delivery_progress_copy.hpp"
#include "tenon/metadata_copy.hpp"

namespace tenon::ha::testing {

/// Of a slave, until the test says that it is the master.
class FakeRole final : public BrokerRole {
 public:
  bool is_master() const noexcept override { return master_now; }
  void when_master(std::function<void()> begin) override { begin_ = std::move(begin); }
  MasterAddresses master() const override {
    const std::scoped_lock lock(mutex_);
    return {address_, {}, true};
  }
  Result<std::int64_t> promote(std::int64_t) override { return std::int64_t{0}; }
  Result<std::int64_t> promote_for_good() override { return std::int64_t{0}; }
  void hold_until(LeaseClock::time_point) override {}
  void fence(std::string_view) override {}

  void set_address(std::string address) {
    const std::scoped_lock lock(mutex_);
    address_ = std::move(address);
  }

  void become_master() {
    master_now = true;
    begin_();
  }

  std::atomic<bool> master_now{false};

 private:
  std::function<void()> begin_;
  mutable std::mutex mutex_;
  std::string address_;
};

/// What was taken of a master.
class TakenTables final : public MetadataCopy, public DeliveryProgressCopy {
 public:
  Status take_topics(std::vector<TopicConfig> all, const DataVersion& version, const CoveredLog& covered) override {
    const std::scoped_lock lock(mutex);
    topics = std::move(all);
    topics_version = version;
    log_end_before = covered.end;
    return refuse_topics ? Status(Error(Errc::io, "disk full")) : Status{};
  }
  std::optional<CoveredLog> covered_log() const override { return covered_before; }
  void set_log_end(std::function<CoveredLog()> asked) override {
    const std::scoped_lock lock(mutex);
    log_end = std::move(asked);
  }
  Status take_groups(std::vector<SubscriptionGroupConfig> all, const DataVersion&) override {
    const std::scoped_lock lock(mutex);
    groups = std::move(all);
    return {};
  }
  Status take_offsets(std::vector<GroupOffsets> all) override {
    const std::scoped_lock lock(mutex);
    offsets = std::move(all);
    return {};
  }
  Status take_level_progress(const DelayLevelProgress& progress) override {
    const std::scoped_lock lock(mutex);
    levels = progress.next_queue_offsets;
    return {};
  }
  Status take_timer_progress(const TimerProgress& progress) override {
    const std::scoped_lock lock(mutex);
    timers = progress;
    return {};
  }

  void forget() {
    const std::scoped_lock lock(mutex);
    topics.clear();
  }

  std::mutex mutex;
  std::vector<TopicConfig> topics;
  DataVersion topics_version;
  PhysicalOffset log_end_before;
  std::optional<CoveredLog> covered_before;  ///< By the process before.
  std::function<CoveredLog()> log_end;
  std::vector<SubscriptionGroupConfig> groups;
  std::vector<GroupOffsets> offsets;
  std::vector<std::int64_t> levels;
  TimerProgress timers;
  std::atomic<bool> refuse_topics{false};
};

}  // namespace tenon::ha::testing
