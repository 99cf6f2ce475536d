// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tenon/message_store.hpp"

namespace tenon::delay {

/// A stored message as it goes to the queue that it was meant for: topic and queue from REAL_TOPIC and REAL_QID, all
/// else as it was. Error: corrupt when these are missing. Ownership: borrows from `stored`.
/// Source: ScheduleMessageService.messageTimeUp.
Result<Message> due_message(const StoredMessage& stored);

}  // namespace tenon::delay
