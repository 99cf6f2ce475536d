// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "fuzz_check.hpp"
#include "remoting/command_writer.hpp"

namespace tenon::fuzz {

inline bool same_header(const remoting::Command& left, const remoting::Command& right) {
  return left.code == right.code && left.language == right.language && left.opaque == right.opaque &&
         left.flag == right.flag && left.remark == right.remark && left.has_fields == right.has_fields &&
         left.version == right.version &&
         std::equal(left.fields.begin(), left.fields.end(), right.fields.begin(), right.fields.end());
}

/// Whatever header decodes must encode, as `type`, to one that decodes to the same.
inline void check_round_trip(const remoting::Command& command, remoting::HeaderType type) {
  remoting::HeaderStart start;
  start.type = type;
  start.code = command.code;
  start.opaque = command.opaque;
  start.flag = command.flag;
  start.remark = command.remark;
  start.language = command.language;
  start.version = command.version;
  remoting::OutputBuffer out;
  remoting::CommandWriter writer(out, start);
  if (command.has_fields) writer.fields(command.fields);
  if (!writer.finish()) return;
  const auto frame = remoting::next_frame(out.bytes());
  TENON_FUZZ_CHECK(frame.has_value() && frame->has_value() && (*frame)->size == out.size());
  remoting::Command again;
  TENON_FUZZ_CHECK(again.decode(**frame).has_value());
  TENON_FUZZ_CHECK(same_header(command, again));
}

}  // namespace tenon::fuzz
