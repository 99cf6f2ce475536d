// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::protocol_native {

using Attributes = std::map<std::string, std::string>;

/// Applies a change such as "+message.type=FIFO,-queue.type" to the attributes of a topic.
/// `creating`: the topic does not exist yet, so only additions make sense.
/// Errors (internal, which is answered 1 as RocketMQ does): unknown key, value out of its set, a fixed attribute, a
/// removal of what is not there. Source: broker-semantics.md 2.6.
Result<Attributes> change_topic_attributes(const Attributes& current, std::string_view change, bool creating);

/// True for message.type=MIXED, which brokers refuse by default.
bool is_mixed_message_type(const Attributes& attributes);

}  // namespace tenon::protocol_native
