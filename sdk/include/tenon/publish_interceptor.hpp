// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/properties.hpp"

namespace tenon {

/// Kinds of messages that are stored only if a loaded plug-in takes care of them. Bits.
namespace message_kind {
inline constexpr std::uint32_t delayed = 1;        ///< DELAY above 0 (or no number), or a TIMER_* property.
inline constexpr std::uint32_t transactional = 2;  ///< TRAN_MSG is "true".
}  // namespace message_kind

/// A message on its way into the store, as an interceptor sees and may change it.
/// Reading costs nothing; a changed field is copied into the draft. Ownership: borrows from the publish call.
class TENON_EXPORT MessageDraft {
 public:
  explicit MessageDraft(const Message& message) : message_(message) {}
  MessageDraft(const MessageDraft&) = delete;
  MessageDraft& operator=(const MessageDraft&) = delete;

  const Message& message() const noexcept { return message_; }
  PropertiesView properties() const noexcept { return PropertiesView(message_.properties); }

  void set_topic(std::string_view topic);
  void set_queue_id(std::int32_t queue_id) noexcept { message_.queue_id = queue_id; }
  void set_store_host(const HostAddress& host) noexcept { message_.store_host = host; }
  void set_sys_flag(std::int32_t sys_flag) noexcept { message_.sys_flag = sys_flag; }
  void set_property(std::string_view name, std::string_view value);
  void remove_property(std::string_view name);

  /// What the producer is told beside the receipt: with it the message can be taken back (RocketMQ 5.4 recallHandle).
  void set_recall_handle(std::string handle) { recall_handle_ = std::move(handle); }
  const std::string& recall_handle() const noexcept { return recall_handle_; }

 private:
  std::string& owned_properties();

  Message message_;
  std::string topic_;
  std::string properties_;
  std::string recall_handle_;
};

/// Sees, rewrites or refuses every message before it is stored. Several run in ascending order of order(), with equal
/// numbers in the order of their instance names. order() is called once, while the broker is wired: a plug-in that
/// wants to make it configurable reads a key of its own in configure().
///
/// Threads: intercept() runs on any thread that serves sockets, several at once; it must not block.
/// Errors: what intercept() throws refuses the message as an error of code internal, is logged once and counted.
class TENON_EXPORT PublishInterceptor : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.publish-interceptor", 1};

  /// Where this interceptor stands among the others. Built-in ones use multiples of 1000; transaction before delay.
  virtual int order() const noexcept = 0;
  /// The kinds of messages (bits of message_kind) that this interceptor takes care of; asked once, while the broker is
  /// wired. 0: it sees every message and takes care of no kind. Otherwise it sees messages of these kinds only, so that
  /// others cost nothing; and messages of these kinds, which are refused as not supported without it, are accepted.
  virtual std::uint32_t handles() const noexcept;
  /// An error refuses the message: the producer gets its code and text.
  virtual Status intercept(MessageDraft& draft) = 0;
};

}  // namespace tenon
