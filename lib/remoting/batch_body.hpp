// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "remoting/output_buffer.hpp"
#include "tenon/error.hpp"

namespace tenon::remoting {

/// One message inside the body of a batch send. Views borrow the body.
struct BatchMessage {
  std::int32_t flag = 0;
  std::string_view properties;  ///< Wire form, see PropertiesView.
  std::span<const std::byte> body;
};

/// Splits the body of a send with `batch` set; `messages` is replaced (and reused, so nothing is allocated in the
/// steady state). Error: message_illegal, with the index of the broken message; `messages` is then empty. An empty body
/// has no messages. Source: ../shared/reference/remoting-protocol.md 4.6.
Status split_batch_body(std::span<const std::byte> body, std::vector<BatchMessage>& messages);

/// Appends one message in that form; properties are cut off beyond the 32,767 bytes that their length can announce, so
/// check before.
void append_batch_message(OutputBuffer& out, const BatchMessage& message);

}  // namespace tenon::remoting
