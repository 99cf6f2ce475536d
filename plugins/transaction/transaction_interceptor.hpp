// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/publish_interceptor.hpp"

namespace tenon::transaction {

/// Diverts prepared messages to the half topic. Source: broker-semantics.md 3.3, 9.1. Threads: any; keeps nothing.
class TransactionInterceptor final : public PublishInterceptor {
 public:
  /// Before delay (2000), which sees a transactional message only when it is committed.
  static constexpr int kOrder = 1000;

  int order() const noexcept override { return kOrder; }
  std::uint32_t handles() const noexcept override { return message_kind::transactional; }
  /// Errors: no_permission, when transactions are rejected.
  Status intercept(MessageDraft& draft) override;

  /// Before the first message.
  void set_reject(bool reject) noexcept { reject_ = reject; }

 private:
  bool reject_ = false;
};

}  // namespace tenon::transaction
