// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/export.hpp"
#include "tenon/host_address.hpp"
#include "tenon/message.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// A reply that a producer waits for, on its way to it (RocketMQ request-reply).
struct ReplyPush {
  std::string_view producer_group;
  Message message;
  std::int64_t store_timestamp_ms = 0;
};

/// The broker's question to a producer: how did the local transaction of this half message end?
/// (CHECK_TRANSACTION_STATE) Ownership: borrows until the call returns.
struct TransactionCheck {
  Message message;  ///< With its real topic and queue, otherwise as the half message is stored.
  QueueOffset half_offset;
  PhysicalOffset half_physical_offset;
  std::int64_t store_timestamp_ms = 0;
  std::string_view half_topic;
  std::string_view broker_name;
};

/// One connected client, as a protocol plug-in offers it to the kernel. Made by the protocol plug-in for each
/// connection.
///
/// Ownership: shared between the protocol plug-in and the kernel's client registry; the connection may be closed while
/// the object lives. Threads: all members from any thread; they do not block. Calls on a closed channel do nothing, or
/// complete with `disconnected`.
class TENON_EXPORT ClientChannel {
 public:
  using Answered = std::function<void(Status)>;

  virtual ~ClientChannel();
  virtual const HostAddress& remote_address() const noexcept = 0;
  virtual bool is_open() const noexcept = 0;
  /// The executor whose thread runs everything of this connection at the moment; it may move to another.
  virtual boost::asio::any_io_executor executor() const = 0;
  /// Tells a consumer that members or subscriptions of its group have changed.
  virtual void notify_consumer_ids_changed(std::string_view consumer_group) = 0;
  /// Delivers a reply; `answered` gets success, an error of the client, timed_out (10 s) or disconnected.
  virtual void push_reply(const ReplyPush& reply, Answered answered) = 0;
  /// Asks the client's producers about a transaction; the answer is an END_TRANSACTION of theirs. Success: the question
  /// is on its way. Errors: disconnected, busy (the client does not read what it was sent before), not_supported (the
  /// default: clients of this protocol have no transactions).
  virtual Status check_transaction(const TransactionCheck& check);
  virtual void close() = 0;
};

}  // namespace tenon
