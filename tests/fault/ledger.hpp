// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "logstore/log_store.hpp"

namespace tenon::fault {

inline constexpr std::int32_t kQueues = 3;
inline constexpr const char* kTopic = "Ledger";

/// Names one message for good: the body is made from it, so every byte that comes back can be judged.
struct Stamp {
  std::uint32_t run = 0, producer = 0, number = 0;
  friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

/// A producer's messages go round the queues, so those of one queue are in order.
inline std::int32_t queue_of(const Stamp& stamp) { return static_cast<std::int32_t>(stamp.number) % kQueues; }
std::string body_of(const Stamp& stamp);

/// What a check found; all zero is good.
struct Verdict {
  std::int64_t stored = 0;
  std::int64_t lost = 0;        ///< Acknowledged, and not at its offset. Nothing is ever deleted here.
  std::int64_t invented = 0;    ///< Served, but never sent, or sent once and served twice.
  std::int64_t altered = 0;     ///< Served with other bytes than were sent.
  std::int64_t disordered = 0;  ///< Behind a later message of its producer in its queue.
  std::int64_t unreadable = 0;  ///< An offset between min and max at which nothing can be read.
  std::string first;            ///< The first complaint, for people.
  bool good() const noexcept { return lost + invented + altered + disordered + unreadable == 0; }
};

/// Everything that was sent and acknowledged, over all runs. Threads: any.
class Ledger {
 public:
  /// `properties`: what each message has been sent with; an inner batch has INNER_NUM and INNER_BASE behind it. Empty:
  /// they are not looked at.
  explicit Ledger(std::string properties = {}) : properties_(std::move(properties)) {}
  void acknowledge(const Stamp& stamp, std::int64_t queue_offset);
  /// The producer sent numbers below `count` in that run, acknowledged or not.
  void sent(std::uint32_t run, std::uint32_t producer, std::uint32_t count);
  std::int64_t acknowledged() const;
  /// Forgets everything: the next check is about an empty store.
  void start_over();
  /// Reads the whole store.
  Verdict check(const logstore::LogStore& store) const;

 private:
  struct Reading;
  bool has_its_properties(const ReadResult& read) const;
  void judge(Reading& reading, std::int32_t queue, std::int64_t at, std::string_view body) const;

  const std::string properties_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> sent_;
  std::map<std::int64_t, Stamp> acknowledged_[kQueues];
};

}  // namespace tenon::fault
