// SPDX-License-Identifier: Apache-2.0
#include "due_slot.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <set>

#include "tenon/testing/temporary_directory.hpp"

namespace tenon::delay {
namespace {

constexpr std::int64_t kSlot = 1'795'000'000;

/// A slot in files of its own, units put into it at random and taken out in turn.
class RandomSlot {
 public:
  explicit RandomSlot(std::size_t most) : files_(directory_.path(), settings()), slot_(settings().rules, most) {
    if (const auto recovered = files_.recover(INT64_MAX); !recovered) throw Failure(recovered.error());
  }

  void put(std::int64_t ms_of_second, bool mark) {
    TimerUnit unit;
    unit.magic = TimerUnit::kDefault | (mark ? TimerUnit::kDelete : 0);
    unit.write_time_ms = (kSlot - 10) * 1'000;
    unit.delay_ms = static_cast<std::int32_t>(10'000 + ms_of_second);
    unit.physical_offset = ++put_;
    unit.size_bytes = 100;
    const auto position = files_.add(kSlot, unit);
    ASSERT_TRUE(position && files_.commit());
    if (slot_.is_loaded()) slot_.insert(*position, unit);
  }
  void load() { EXPECT_EQ(slot_.load(kSlot, files_), ""); }
  /// The next unit's number and order; nothing when all are done.
  std::optional<std::pair<std::int64_t, DueSlot::Order>> take() {
    if (slot_.wants_more()) {
      EXPECT_EQ(slot_.load_more(files_), "");
    }
    const DueSlot::Due* due = slot_.next();
    if (due == nullptr) return std::nullopt;
    const auto taken = std::pair(due->unit.physical_offset, due->order);
    slot_.done();
    return taken;
  }
  std::int64_t count() const { return put_; }
  std::filesystem::path log_directory() const { return directory_.path() / "timerlog"; }

 private:
  static TimerSettings settings() {
    TimerSettings small;
    small.log_file_size = 1'040;
    return small;
  }
  tenon::testing::TemporaryDirectory directory_;
  TimerFiles files_;
  DueSlot slot_;
  std::int64_t put_ = 0;
};

TEST(DueSlot, GivesEveryUnitOnceHoweverFewAreInMemory) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::size_t most : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1'000}}) {
    RandomSlot slot(most);
    const auto put = [&] { slot.put(static_cast<std::int64_t>(1 + random() % 40), random() % 10 == 0); };
    for (int index = 0; index < 60; ++index) put();
    slot.load();
    std::set<std::int64_t> taken;
    DueSlot::Order last;
    bool late = false;  // One that comes after its turn is given next.
    for (int step = 0; step < 300; ++step) {
      if (step < 200 && random() % 3 == 0) {
        put();
        late = true;
        continue;
      }
      const auto next = slot.take();
      if (!next) continue;
      EXPECT_TRUE(taken.insert(next->first).second) << next->first << " came twice, with room for " << most;
      EXPECT_TRUE(late || last < next->second) << next->first << " came too late, with room for " << most;
      last = next->second;
      if (step >= 200) late = false;
    }
    EXPECT_EQ(static_cast<std::int64_t>(taken.size()), slot.count()) << "with room for " << most;
  }
}

/// While it lives, the open file at `path` cannot be read: a pipe stands at its descriptor.
class Unreadable {
 public:
  explicit Unreadable(const std::filesystem::path& path) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      if (std::filesystem::read_symlink(entry.path(), gone) != path) continue;
      descriptor_ = std::stoi(entry.path().filename().string());
    }
    kept_ = ::dup(descriptor_);
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    EXPECT_EQ(::dup2(pipe[1], descriptor_), descriptor_);
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
  Unreadable(const Unreadable&) = delete;
  Unreadable& operator=(const Unreadable&) = delete;
  ~Unreadable() {
    ::dup2(kept_, descriptor_);
    ::close(kept_);
  }

 private:
  int descriptor_ = -1, kept_ = -1;
};

TEST(DueSlot, LosesNothingWhenTheDiskCannotBeReadForAWhile) {
  RandomSlot slot(1'000);
  for (int index = 0; index < 5; ++index) slot.put(index + 1, false);
  {
    const Unreadable disk(slot.log_directory() / "00000000000000000000");
    EXPECT_THROW(slot.load(), Failure);
  }
  for (std::int64_t expected = 1; expected <= slot.count(); ++expected) {
    const auto taken = slot.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->first, expected);
  }
  EXPECT_FALSE(slot.take());
}

TEST(DueSlot, OrdersByTimeAndThenByArrivalMarksFirst) {
  RandomSlot slot(2);
  for (const auto& [ms, mark] : {std::pair(30, false), {10, false}, {30, false}, {20, true}, {10, false}, {1, true}}) {
    slot.put(ms, mark);
  }
  slot.load();
  std::vector<std::int64_t> order;
  while (const auto next = slot.take()) order.push_back(next->first);
  EXPECT_EQ(order, (std::vector<std::int64_t>{4, 6, 2, 5, 1, 3}));
}

}  // namespace
}  // namespace tenon::delay
