// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "remoting/command.hpp"
#include "remoting/send_fields.hpp"

namespace tenon::remoting {

/// Reads the header of a send as Java's clients write it, without the detour over Fields: nearly all traffic of a
/// broker.
///
/// Their JSON writer puts the members in the order of their names and nothing between them, so the header is a sequence
/// of known texts with values in between. Only codes 310 and 320 with one-letter names, and only what needs no
/// leniency; any other header, well formed or not, is for Command::decode(), which alone says what is wrong with it.
///
/// Ownership: the fields borrow the decoded bytes or this object, until the next decode(). Threads: one at a time.
class JavaSendHeader {
 public:
  JavaSendHeader() = default;
  JavaSendHeader(const JavaSendHeader&) = delete;
  JavaSendHeader& operator=(const JavaSendHeader&) = delete;

  /// True: fields() is what decode_send_fields() would give, and `command` what its decode() would, but for its fields,
  /// which stay empty. False: nothing is known of the frame, and `command` is to be decoded.
  bool decode(const FrameView& frame, Command& command);
  const SendFields& fields() const noexcept { return fields_; }

 private:
  SendFields fields_;
  TextArena arena_;
};

}  // namespace tenon::remoting
