// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/batch_queues.hpp"
#include "tenon/message_store.hpp"
#include "tenon/properties.hpp"

namespace tenon::testing {

/// What a store of batch queues is given for a batch of so many messages; 0: for a message without the flag. Borrows
/// all it is given; `properties` gets INNER_NUM.
inline Message inner_batch(std::string_view topic, int messages, std::string_view body, std::string& properties) {
  Message message;
  message.topic = topic;
  message.body = std::as_bytes(std::span(body));
  if (messages > 0) {
    append_property(properties, property::inner_num, std::to_string(messages));
    message.sys_flag = sys_flag::inner_batch | sys_flag::needs_unwrap;
  }
  message.properties = properties;
  return message;
}

}  // namespace tenon::testing
