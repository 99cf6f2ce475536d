// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "delay_rules.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/publish_interceptor.hpp"

namespace tenon::delay {

/// Sends a message with a delay to the topic in which it waits, and says in its properties where it goes afterwards.
/// Source: RocketMQ HookUtils.java; store-format.md 11.1 and 11.6. Threads: any.
class DelayInterceptor final : public PublishInterceptor {
 public:
  using Clock = std::function<std::int64_t()>;

  /// Before the first message. Borrows `rules` and `identity`.
  void wire(const DelayRules& rules, const BrokerIdentity& identity, Clock now_ms);

  int order() const noexcept override;
  std::uint32_t handles() const noexcept override { return message_kind::delayed; }
  Status intercept(MessageDraft& draft) override;

 private:
  struct Wish;

  void to_level(MessageDraft& draft, const Wish& wish) const;
  Status to_timer(MessageDraft& draft, const Wish& wish) const;
  Result<std::int64_t> deliver_time(const Wish& wish) const;

  const DelayRules* rules_ = nullptr;
  const BrokerIdentity* identity_ = nullptr;
  Clock now_ms_;
};

}  // namespace tenon::delay
