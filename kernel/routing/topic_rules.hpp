// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Name, permissions and counts of queues. Error: invalid_parameter.
Status validate_topic(const TopicConfig& topic);

/// Whether its batches are stored as one record each (`queue.type=BatchCQ`).
bool is_batch_topic(const TopicConfig& topic);

/// The topic that a send to one that is not there makes (broker-semantics.md 2.3): after `model`, the template that the
/// client names, if it is there and may be inherited; a retry topic in any case; else none.
std::optional<TopicConfig> created_by_send(std::string_view topic, const TopicConfig* model,
                                           const TopicCreationHint& hint);

}  // namespace tenon::kernel
