// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "ledger.hpp"
#include "logstore/testing/store_on_disk.hpp"

namespace tenon::fault {

inline constexpr std::uint32_t kProducers = 3;

/// How a batch is stored: a record for each of its messages, or, in batch queues, one for all.
enum class Batches { apart, inner };

/// Of every message, so long that many records have the last of their sectors in them; see Ledger.
const std::string& sent_properties();
const char* name_of(logstore::testing::Engine engine);
/// Small files, so that a short run rolls everything; the checkpoint is written often.
logstore::StoreOptions small_store(const std::filesystem::path& directory, logstore::testing::Engine engine);

/// Several producers at one store, each on a thread of its own. A third of the messages come in batches, and where the
/// engine gathers, several appends are handed over at once, as the broker does it.
class Producers {
 public:
  struct Events {
    std::function<void(std::uint32_t producer, std::uint32_t count)>
        sending;  ///< Before the append: numbers below `count`.
    std::function<void(const Stamp&, std::int64_t queue_offset)> acknowledged;
  };
  Producers(logstore::LogStore& store, logstore::testing::Engine engine, Batches batches, std::uint32_t run,
            Events events);
  ~Producers() { stop(); }
  /// Returns when all have ended. They also end by themselves when the store refuses.
  void stop();

 private:
  struct Given {
    Stamp stamp;
    std::int64_t queue_offset;
  };
  void produce(std::uint32_t producer);
  std::vector<Stamp> unit(std::uint32_t producer, std::uint32_t index) const;
  bool append(const std::vector<Stamp>& stamps, std::vector<Given>& given, PhysicalOffset& end);
  Result<AppendReceipt> append_inner(std::span<const std::string> bodies, std::int32_t queue);
  bool is_safe(PhysicalOffset end);

  logstore::LogStore& store_;
  logstore::testing::Engine engine_;
  Batches batches_;
  std::uint32_t run_;
  Events events_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace tenon::fault
