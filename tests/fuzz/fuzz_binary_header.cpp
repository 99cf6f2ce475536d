// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz_command.hpp"
#include "remoting/send_fields.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::remoting;
  Command command;
  if (command.decode({HeaderType::binary, std::as_bytes(std::span(data, size)), {}, 0}).has_error()) return 0;
  static_cast<void>(decode_send_fields(command));
  // Longer names are read but not written: Java could not read them.
  for (const Field& field : command.fields) {
    if (field.name.size() > 0x7FFF) return 0;
  }
  tenon::fuzz::check_round_trip(command, HeaderType::binary);
  return 0;
}
