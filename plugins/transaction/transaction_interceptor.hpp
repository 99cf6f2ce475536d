// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "parts.hpp"
#include "tenon/publish_interceptor.hpp"

namespace tenon::transaction {

/// Diverts prepared messages to the half topic. Source: broker-semantics.md 3.3, 9.1. Threads: any.
class TransactionInterceptor final : public PublishInterceptor {
 public:
  explicit TransactionInterceptor(const Parts& parts) : parts_(parts) {}

  /// Before delay (2000), which sees a transactional message only when it is committed.
  static constexpr int kOrder = 1000;

  int order() const noexcept override { return kOrder; }
  std::uint32_t handles() const noexcept override { return message_kind::transactional; }
  /// Errors: no_permission, when transactions are rejected.
  Status intercept(MessageDraft& draft) override;

 private:
  const Parts& parts_;
};

}  // namespace tenon::transaction
