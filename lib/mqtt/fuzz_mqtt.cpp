// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/codec.hpp"

namespace {

using namespace tenon::mqtt;

void check(bool holds) {
  if (!holds) std::abort();
}

/// What was decoded must encode to something that decodes, and that must encode to the same bytes again.
void check_round_trip(const Packet& packet, ProtocolVersion version) {
  std::string once;
  encode(packet, version, once);
  const auto frame = next_frame(once, once.size(), version);
  check(frame.has_value() && frame->has_value() && (*frame)->size == once.size());
  const auto again = decode(**frame, version);
  check(again.has_value());
  std::string twice;
  encode(*again, version, twice);
  check(once == twice);
}

}  // namespace

/// The first byte picks the version; the rest is what a socket gives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr ProtocolVersion kVersions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};
  ProtocolVersion version = kVersions[data[0] % 3];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (true) {
    const auto frame = next_frame(rest, 1U << 20, version);
    if (!frame || !*frame) break;
    check((*frame)->size <= rest.size());
    const auto packet = decode(**frame, version);
    if (packet) {
      if (const auto* connect = std::get_if<Connect>(&*packet)) version = connect->version;
      check_round_trip(*packet, version);
    }
    rest.remove_prefix((*frame)->size);
  }
  return 0;
}
