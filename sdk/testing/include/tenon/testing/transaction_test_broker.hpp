// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/plugin.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/transaction_coordinator.hpp"

namespace tenon::testing {

/// A question that a producer got.
struct ReceivedCheck {
  std::string topic, body, producer_group, unique_key;
  std::int32_t queue_id = 0;
  QueueOffset half_offset;
  PhysicalOffset half_physical_offset;
};

/// Everything a transaction plug-in needs of a broker, in memory: for the conformance suite and for models of what must
/// never happen. The wall clock is the test's; executors run in run(), pass() and end(), on the test's thread.
///
/// A crash leaves the store as it is at that moment, the saved offsets at an older state, and nothing else.
class TransactionTestBroker {
 public:
  using MakePlugin = std::function<std::unique_ptr<Plugin>(Host&)>;

  /// `settings`: values of the plug-in's keys as they stand in TOML, without quotes; others have their defaults. The
  /// plug-in must look for due transactions every few milliseconds of real time.
  TransactionTestBroker(MakePlugin make, std::map<std::string, std::string> settings);
  ~TransactionTestBroker();
  TransactionTestBroker(const TransactionTestBroker&) = delete;
  TransactionTestBroker& operator=(const TransactionTestBroker&) = delete;

  /// A producer's prepared message, published as the kernel does it.
  Result<AppendReceipt> prepare(std::string_view topic, std::int32_t queue_id, std::string_view group,
                                std::string_view unique_key, std::string_view extra_properties = {});
  /// Any message, through the plug-in's interceptor.
  Result<AppendReceipt> publish(const Message& message);
  /// Ends a transaction and runs until the answer is there.
  Status end(std::string_view group, QueueOffset half, PhysicalOffset half_physical, TransactionDecision decision,
             bool from_check = false);
  TransactionCoordinator& coordinator();

  void connect_producer(std::string_view group);
  void disconnect_producers();
  /// Takes the questions that came since the last call.
  std::vector<ReceivedCheck> take_checks();

  /// Lets `wall` of the test's clock pass and then the plug-in look for due transactions at least once.
  void pass(std::chrono::milliseconds wall);
  /// Runs the executors until `done`, at most ten seconds of real time. False: it did not happen.
  bool run_until(const std::function<bool()>& done);

  /// What the kernel does every few seconds; a crash falls back to this.
  void save_offsets();
  void restart_cleanly();
  void crash_and_restart();
  /// From the `appends`-th append on nothing is stored any more, as if the process had died there. Ends with
  /// crash_and_restart().
  void die_after(std::int64_t appends);
  bool is_dead() const noexcept;

  /// The bodies in a topic's queue, and its records.
  std::vector<std::string> bodies(std::string_view topic, std::int32_t queue_id = 0) const;
  std::vector<StoredMessage> messages(std::string_view topic, std::int32_t queue_id = 0) const;
  std::optional<QueueOffset> saved_offset(std::string_view group, std::string_view topic) const;
  MemoryMessageStore& store() noexcept;
  std::int64_t now_ms() const noexcept;

 private:
  struct World;
  void start();
  void stop(bool cleanly);

  const MakePlugin make_;
  const std::map<std::string, std::string> settings_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Plugin> plugin_;
};

}  // namespace tenon::testing
