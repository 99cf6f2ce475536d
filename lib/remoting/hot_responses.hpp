// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "remoting/frame.hpp"
#include "remoting/output_buffer.hpp"
#include "remoting/response_code.hpp"

namespace tenon::remoting {

/// Answer to 10, 310, 320, 324 and 325 when the message is stored (codes 0, 10, 11, 12: clients read the fields of all
/// four). Sources: remoting-protocol.md 2a.1; order of the fields as recorded from 5.4.0.
struct SendResponse {
  std::int32_t opaque = 0;
  ResponseCode code = ResponseCode::success;
  std::optional<std::string_view> remark;
  std::string_view
      msg_id;  ///< Offset message id; of a batch all ids, joined with ','. Written as it is: digits need no escapes.
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;    ///< Of the first message, for a batch.
  std::string_view transaction_id;  ///< The UNIQ_KEY of the message; left out when empty.
  std::string_view region = "DefaultRegion";
  bool trace_on = true;
};

/// Answer to 11 and 361 with codes 0, 19, 20 and 21: all four carry the offsets. Sources: remoting-protocol.md 2a.2.
struct PullResponse {
  std::int32_t opaque = 0;
  ResponseCode code = ResponseCode::success;
  std::string_view remark;  ///< Name of the store status, e.g. "FOUND".
  std::int64_t suggest_which_broker_id = 0;
  std::int64_t next_begin_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int32_t topic_sys_flag = 0;
  std::int32_t group_sys_flag = 0;
};

/// Append one whole frame. Texts are written by filling in a template: no map and, once `out` has grown, no allocation.
void write_send_response(OutputBuffer& out, HeaderType type, const SendResponse& response);
/// Appends lengths and header; `body_bytes` bytes of records must be sent right after it, from wherever they lie.
void write_pull_response(OutputBuffer& out, HeaderType type, const PullResponse& response, std::size_t body_bytes);

}  // namespace tenon::remoting
