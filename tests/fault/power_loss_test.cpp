// SPDX-License-Identifier: Apache-2.0
// The power goes while producers wait for a synchronous flush. What comes back is made of what was forced and a random
// part of the rest; nothing acknowledged may be missing, nothing that was never sent may appear, again and again on
// what was left the time before.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "logstore/testing/power_loss_file_system.hpp"
#include "producers.hpp"

namespace tenon::fault {
namespace {

using logstore::testing::Engine;
using logstore::testing::PowerLossFileSystem;
using logstore::testing::TemporaryDirectory;

int cycles() {
  const char* const asked = std::getenv("TENON_POWER_LOSSES");
  return asked != nullptr ? std::atoi(asked) : 12;
}

std::uint64_t seed() {
  const char* const asked = std::getenv("TENON_SEED");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 1;
}

/// Runs a hundred times as fast, so that the three seconds by which a checkpoint is distrusted pass within a run.
std::int64_t fast_clock() {
  using namespace std::chrono;
  static const auto begin = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  return begin + 100 * (duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() - begin);
}

class PowerLossRun : public ::testing::Test {
 protected:
  explicit PowerLossRun(Engine engine, Batches batches = Batches::apart) : engine_(engine), batches_(batches) {}

  /// Runs the load on `directory` until the power goes; leaves in `next` what survives.
  void lose_power(const std::filesystem::path& directory, const std::filesystem::path& next, std::uint32_t run) {
    PowerLossFileSystem files(directory);
    load_until_the_end(files, directory, run);
    files.leave_what_survives(next, dice_);
  }

  /// Runs the load on `directory` until all syncs fail.
  void load_until_the_end(PowerLossFileSystem& files, const std::filesystem::path& directory, std::uint32_t run) {
    logstore::StoreOptions options = small_store(directory, engine_);
    options.file_system = &files;
    options.now_ms = fast_clock;
    options.flush_interval = flush_interval_;
    options.checkpoint_interval = flush_interval_ * 5;
    logstore::LogStore store(std::move(options));
    const Status opened = store.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    {
      Producers producers(store, engine_, batches_, run,
                          {[&](std::uint32_t producer, std::uint32_t count) { ledger_.sent(run, producer, count); },
                           [&](const Stamp& stamp, std::int64_t offset) { ledger_.acknowledge(stamp, offset); }});
      std::this_thread::sleep_for(std::chrono::milliseconds(dice_() % 40));
      files.cut_power();
    }
    store.close();
  }

  Verdict judge(const std::filesystem::path& directory) {
    logstore::StoreOptions options = small_store(directory, engine_);
    options.now_ms = fast_clock;
    logstore::LogStore store(std::move(options));
    const Status opened = store.open();
    EXPECT_TRUE(opened.has_value()) << opened.error().message();
    return opened ? ledger_.check(store) : Verdict();
  }

  void expect_everything(const std::filesystem::path& directory) {
    const Verdict verdict = judge(directory);
    EXPECT_TRUE(verdict.good()) << verdict.lost << " lost, " << verdict.invented << " invented, " << verdict.altered
                                << " altered, " << verdict.disordered << " out of order, " << verdict.unreadable
                                << " unreadable; " << verdict.first;
  }

  Engine engine_;
  Batches batches_;
  std::chrono::milliseconds flush_interval_{2};
  std::mt19937_64 dice_{seed()};
  Ledger ledger_{sent_properties()};
};

/// Proves that the test would notice: nothing is ever forced, and the power goes once messages are acknowledged.
class WithoutFlush : public PowerLossRun {
 protected:
  WithoutFlush() : PowerLossRun(Engine::mmap) { flush_interval_ = std::chrono::hours(1); }
};

TEST_F(WithoutFlush, WhatIsLostIsMissed) {
  std::int64_t lost = 0;
  for (std::uint32_t run = 0; lost == 0; ++run) {
    ASSERT_LT(run, 100U);
    const TemporaryDirectory before, after;
    ledger_.start_over();
    lose_power(before.path(), after.path(), run);
    const Verdict verdict = judge(after.path());
    lost += verdict.lost;
    EXPECT_EQ(verdict.invented + verdict.altered + verdict.disordered, 0) << verdict.first;
  }
}

class PowerLoss : public PowerLossRun, public ::testing::WithParamInterface<std::pair<Engine, Batches>> {
 protected:
  PowerLoss() : PowerLossRun(GetParam().first, GetParam().second) {}
};

TEST_P(PowerLoss, LosesNothingThatASynchronousFlushAcknowledged) {
  auto now = std::make_unique<TemporaryDirectory>();
  for (int cycle = 0; cycle < cycles() && !HasFailure(); ++cycle) {
    SCOPED_TRACE(text("power loss ", cycle, ", seed ", seed()));
    TemporaryDirectory copy;
    auto next = std::make_unique<TemporaryDirectory>();
    lose_power(now->path(), next->path(), static_cast<std::uint32_t>(cycle));
    if (HasFatalFailure()) return;
    // Looked at in a copy, so that the next run begins with the recovery, half of the time.
    std::filesystem::copy(next->path(), copy.path(), std::filesystem::copy_options::recursive);
    expect_everything(cycle % 2 == 0 ? copy.path() : next->path());
    std::swap(now, next);
  }
  std::printf("%lld messages acknowledged over %d power losses\n", static_cast<long long>(ledger_.acknowledged()),
              cycles());
}

/// What the killed process wrote is there for the next, and on no disk: the next must not take it for forced.
TEST_P(PowerLoss, BehindAKillLosesNothingEither) {
  auto now = std::make_unique<TemporaryDirectory>();
  for (std::uint32_t cycle = 0; cycle < static_cast<std::uint32_t>(cycles()) && !HasFailure(); cycle += 2) {
    SCOPED_TRACE(text("power loss ", cycle, ", seed ", seed()));
    TemporaryDirectory killed;
    auto next = std::make_unique<TemporaryDirectory>();
    PowerLossFileSystem first(now->path());
    load_until_the_end(first, now->path(), cycle);
    const auto second = first.after_kill(killed.path());
    load_until_the_end(*second, killed.path(), cycle + 1);
    second->leave_what_survives(next->path(), dice_);
    if (HasFatalFailure()) return;
    expect_everything(next->path());
    std::swap(now, next);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, PowerLoss,
                         ::testing::Values(std::pair(Engine::mmap_sync, Batches::apart),
                                           std::pair(Engine::sendfile_sync, Batches::apart),
                                           std::pair(Engine::mmap_sync, Batches::inner)),
                         [](const auto& one) {
                           const std::string engine = one.param.first == Engine::mmap_sync ? "mmap" : "sendfile";
                           return one.param.second == Batches::inner ? engine + "_inner_batches" : engine;
                         });

}  // namespace
}  // namespace tenon::fault
