// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz_check.hpp"
#include "remoting/command.hpp"

/// Cuts the input into frames, as a connection would: each from a buffer that ends with the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::remoting;
  std::span<const std::byte> rest = std::as_bytes(std::span(data, size));
  Command command;
  while (true) {
    const auto frame = next_frame(rest);
    if (frame.has_error() || !*frame) break;
    const FrameView& view = **frame;
    TENON_FUZZ_CHECK(view.size <= rest.size() && view.size == announced_frame_size(rest));
    TENON_FUZZ_CHECK(kFramePrefixBytes + view.header.size() + view.body.size() == view.size);
    // One byte less must be "not yet", never an error and never another frame.
    const auto early = next_frame(rest.first(view.size - 1));
    TENON_FUZZ_CHECK(early.has_value() && !*early);
    static_cast<void>(command.decode(view));
    rest = rest.subspan(view.size);
  }
  return 0;
}
