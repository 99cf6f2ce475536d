// SPDX-License-Identifier: Apache-2.0
// Any bytes as the note of a plug-in file. (Damaged ELF files around it: note_test.cpp.)
#include <cstddef>
#include <cstdint>
#include <span>

#include "plugin/note.hpp"
#include "tenon/build_fingerprint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto note = tenon::kernel::parse_note(std::as_bytes(std::span(data, size)));
  if (note) (void)tenon::kernel::check_note(*note, TENON_BUILD_FINGERPRINT);
  return 0;
}
