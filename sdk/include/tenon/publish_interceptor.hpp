// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/properties.hpp"

namespace tenon {

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
  void set_sys_flag(std::int32_t sys_flag) noexcept { message_.sys_flag = sys_flag; }
  void set_property(std::string_view name, std::string_view value);
  void remove_property(std::string_view name);

 private:
  std::string& owned_properties();

  Message message_;
  std::string topic_;
  std::string properties_;
};

/// Sees, rewrites or refuses every message before it is stored. Several run in the order of order()
/// (ascending; equal numbers in the order of the instance names).
///
/// Threads: intercept() runs on any `net-N` thread, several at once; it must not block.
class TENON_EXPORT PublishInterceptor : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.publish-interceptor", 1};

  /// Where this interceptor stands among the others. Built-in ones use multiples of 1000; transaction before delay.
  virtual int order() const noexcept = 0;
  /// An error refuses the message: the producer gets its code and text.
  virtual Status intercept(MessageDraft& draft) = 0;
};

}  // namespace tenon
