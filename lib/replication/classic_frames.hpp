// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tenon/offsets.hpp"

/// RocketMQ's own replication protocol, as bytes. Format source: ../shared/reference/store-format.md 12.2 (RocketMQ
/// DefaultHAConnection.java, DefaultHAClient.java); bytes: ../shared/golden/wire/*/slave-*-sync.jsonl. Big-endian.
namespace tenon::replication {

/// From the slave: where its log ends, which is the next byte it needs.
inline constexpr std::size_t kReportBytes = 8;
using ReportBytes = std::array<std::byte, kReportBytes>;
ReportBytes encode_report(PhysicalOffset end) noexcept;
PhysicalOffset decode_report(std::span<const std::byte, kReportBytes> bytes) noexcept;

/// From the master: what follows are `size` bytes of its log from `begin` on; 0 is a heartbeat.
struct ClassicHeader {
  PhysicalOffset begin;
  std::int32_t size = 0;
};
inline constexpr std::size_t kClassicHeaderBytes = 12;
std::array<std::byte, kClassicHeaderBytes> encode_classic_header(const ClassicHeader& header) noexcept;
ClassicHeader decode_classic_header(std::span<const std::byte, kClassicHeaderBytes> bytes) noexcept;

/// The first report of a slave that would rather speak the extended protocol. RocketMQ's masters keep -1 for "nothing
/// reported yet" and send nothing, so that a classic report can follow on the same connection.
inline constexpr PhysicalOffset kExtendedProbe{-1};

}  // namespace tenon::replication
