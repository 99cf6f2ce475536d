// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tenon/message_store.hpp"
#include "tenon/publish_interceptor.hpp"

namespace tenon::transaction {

/// A half message as it lies in the half topic, with what its properties say of the transaction.
/// Ownership: views borrow from `stored.pin`.
struct HalfMessage {
  StoredMessage stored;
  QueueOffset first;  ///< Where the transaction began: the offset the producer was told.
  bool renewed = false;
  std::int32_t check_times = 0;
  std::optional<std::chrono::milliseconds> immunity;  ///< Before its first check; empty: the usual time-out.
  std::string_view producer_group;
  std::string_view unique_key;
};

/// `timeout` stands for an immunity that is -1 or no number.
HalfMessage half_message_of(StoredMessage stored, std::chrono::milliseconds timeout);

/// Makes a half message of a prepared one: other topic, transaction bits cleared, its destination in properties.
/// Source: broker-semantics.md 9.1; golden/store/transaction-5.4.0.
void make_half(MessageDraft& draft);

/// The destination of a half message, and its properties without the bookkeeping of the broker. Error: corrupt, when
/// it names no destination.
struct FinalMessage {
  Message message;
  std::string properties;  ///< What message.properties views.
};
Result<void> make_final(const HalfMessage& half, FinalMessage& final);

/// The properties of a half message that is stored again.
std::string renewed_properties(const HalfMessage& half, std::int32_t check_times);

}  // namespace tenon::transaction
