// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "tenon/admin_command.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/groups.hpp"
#include "tenon/log.hpp"
#include "tenon/message_store.hpp"

namespace tenon::kernel {

/// Empties this broker before it is taken away, at an operator's word: `broker.drain` with `{"action":"begin"}` stops
/// new messages and takes the permission to write from its registration, `status` says what is left to consume, `leave`
/// unregisters it (for good: a restart brings it back), `cancel` opens it again.
/// Answers `{"draining":...,"left":...,"unconsumed":N,"groups":[{"group":...,"topic":...,"messages":N}]}`.
///
/// What waits for its time, and transactions without a decision, are not counted: they lie in topics of their own.
/// Threads: any.
class BrokerDrain final : public AdminCommand {
 public:
  struct Parts {
    const Groups& groups;
    const ConsumerOffsets& offsets;
    Logger log;
  };
  explicit BrokerDrain(const Parts& parts) : parts_(parts) {}

  /// `registered_writable` tells the name servers, `leave` unregisters. Before start().
  void wire(MessageStore* store, std::function<void(bool)> registered_writable, std::function<void()> leave);
  /// Asked for each message that a producer sends.
  bool refuses(std::string_view topic) const noexcept;
  /// Asked before a promotion: a master that takes no messages, or that no name server hears of, is none.
  /// Error: illegal_operation.
  Status check_may_lead() const;

  Result<std::string> run(std::string_view arguments) override;

 private:
  std::string status() const;
  std::int64_t unconsumed(const GroupOffsets& consumed) const;

  const Parts parts_;
  MessageStore* store_ = nullptr;
  std::function<void(bool)> registered_writable_;
  std::function<void()> leave_;
  std::atomic<bool> draining_{false}, left_{false};
};

}  // namespace tenon::kernel
