// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz_command.hpp"
#include "remoting/java_send_header.hpp"
#include "remoting/pull_fields.hpp"
#include "remoting/send_fields.hpp"

namespace {

/// What is read the short way must be what the long way reads.
void check_short_way(const tenon::remoting::FrameView& frame) {
  tenon::remoting::JavaSendHeader send;
  tenon::remoting::Command head, command;
  if (!send.decode(frame, head)) return;
  TENON_FUZZ_CHECK(command.decode(frame).has_value());
  const auto fields = decode_send_fields(command);
  TENON_FUZZ_CHECK(fields.has_value() && send.fields() == *fields);
  TENON_FUZZ_CHECK(head.code == command.code && head.opaque == command.opaque && head.flag == command.flag);
  TENON_FUZZ_CHECK(head.version == command.version && head.language == command.language && !command.remark);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::remoting;
  const FrameView frame{HeaderType::json, std::as_bytes(std::span(data, size)), {}, 0};
  check_short_way(frame);
  Command command;
  if (command.decode(frame).has_error()) return 0;
  static_cast<void>(decode_send_fields(command));
  static_cast<void>(decode_pull_fields(command));
  tenon::fuzz::check_round_trip(command, HeaderType::json);
  return 0;
}
