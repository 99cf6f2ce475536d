// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz_command.hpp"
#include "remoting/pull_fields.hpp"
#include "remoting/send_fields.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::remoting;
  Command command;
  if (command.decode({HeaderType::json, std::as_bytes(std::span(data, size)), {}, 0}).has_error()) return 0;
  static_cast<void>(decode_send_fields(command));
  static_cast<void>(decode_pull_fields(command));
  tenon::fuzz::check_round_trip(command, HeaderType::json);
  return 0;
}
