// SPDX-License-Identifier: Apache-2.0
#include "due_message.hpp"

#include "delay_levels.hpp"

namespace tenon::delay {

Result<Message> due_message(const StoredMessage& stored) {
  const PropertiesView properties(stored.message.properties);
  const auto topic = properties.find(property::real_topic);
  const auto queue_id = properties.find(property::real_queue_id);
  const Result<std::int64_t> queue = parse_number(property::real_queue_id, queue_id.value_or(""));
  if (!topic || !queue || *queue < 0 || *queue > INT32_MAX) {
    return Error(Errc::corrupt, text("the delayed message at physical offset ", stored.physical_offset,
                                     " does not say where it goes (REAL_TOPIC, REAL_QID)"));
  }
  Message message = stored.message;
  message.topic = *topic;
  message.queue_id = static_cast<std::int32_t>(*queue);
  message.prepared_transaction_offset = {};
  message.indexed.reset();
  return message;
}

}  // namespace tenon::delay
