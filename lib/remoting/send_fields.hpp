// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "remoting/command.hpp"
#include "remoting/command_writer.hpp"
#include "tenon/error.hpp"

namespace tenon::remoting {

/// Fields of a send: 10 and 324 with their long names, 310, 320 and 325 with one letter each.
/// Whether the body is a batch is said by `batch`, not by the code. Source: remoting-protocol.md 2a.1.
struct SendFields {
  std::string_view producer_group;                  ///< a
  std::string_view topic;                           ///< b
  std::string_view default_topic;                   ///< c: template for automatic creation, "TBW102"
  std::int32_t default_topic_queue_nums = 0;        ///< d
  std::int32_t queue_id = 0;                        ///< e: < 0: the broker picks a write queue
  std::int32_t sys_flag = 0;                        ///< f
  std::int64_t born_timestamp_ms = 0;               ///< g
  std::int32_t flag = 0;                            ///< h: the application's
  std::string_view properties;                      ///< i: wire form, see PropertiesView
  std::int32_t reconsume_times = 0;                 ///< j
  bool unit_mode = false;                           ///< k
  std::optional<std::int32_t> max_reconsume_times;  ///< l
  bool batch = false;                               ///< m
  std::string_view broker_name;                     ///< n, `bname`

  friend bool operator==(const SendFields&, const SendFields&) = default;
};

/// Reads the fields in one pass over the command, with the names that command.code has.
/// Error: invalid_parameter when a required field is missing or a number malformed; the text names the field.
/// Ownership: views borrow the command.
Result<SendFields> decode_send_fields(const Command& command);

/// Writes them with one-letter names, as 310, 320 and 325 have them.
void write_send_fields(CommandWriter& writer, const SendFields& fields);

}  // namespace tenon::remoting
