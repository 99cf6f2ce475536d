// SPDX-License-Identifier: Apache-2.0
#include "replication/classic_frames.hpp"

#include "record/layout.hpp"

namespace tenon::replication {

using record::load_big;
using record::store_big;

ReportBytes encode_report(PhysicalOffset end) noexcept {
  ReportBytes bytes;
  store_big(bytes.data(), end.value);
  return bytes;
}

PhysicalOffset decode_report(std::span<const std::byte, kReportBytes> bytes) noexcept {
  return {load_big<std::int64_t>(bytes.data())};
}

std::array<std::byte, kClassicHeaderBytes> encode_classic_header(const ClassicHeader& header) noexcept {
  std::array<std::byte, kClassicHeaderBytes> bytes;
  store_big(bytes.data(), header.begin.value);
  store_big(bytes.data() + 8, header.size);
  return bytes;
}

ClassicHeader decode_classic_header(std::span<const std::byte, kClassicHeaderBytes> bytes) noexcept {
  return {{load_big<std::int64_t>(bytes.data())}, load_big<std::int32_t>(bytes.data() + 8)};
}

}  // namespace tenon::replication
