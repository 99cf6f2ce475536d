// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "replication/epoch_history.hpp"
#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

/// What two Tenons say to each other instead of RocketMQ's replication protocol: docs/formats/replication.md.
namespace tenon::replication {

inline constexpr std::int32_t kExtendedVersion = 1;
/// The most bytes of log in one chunk.
inline constexpr std::size_t kChunkBytesMax = 1 << 20;

/// When a slave acknowledges: as soon as it has written the bytes to its log, or when they are on its disk.
enum class Acknowledge : std::uint8_t { written = 0, flushed = 1 };

/// Who is speaking. Both ends must name the same cluster and broker.
struct Identity {
  std::string cluster;
  std::string broker_name;
  std::int64_t broker_id = 0;
};

/// First from the master, as soon as it has the probe.
struct Welcome {
  std::int32_t version = kExtendedVersion;
  Identity identity;
  std::int64_t log_file_size = 0;
  PhysicalOffset log_min, log_max;
  Acknowledge acknowledge = Acknowledge::written;
  std::vector<Epoch> epochs;
};
/// Part of the log just before where the slave begins, as it looks on the slave.
struct LogSample {
  PhysicalOffset begin;
  std::int32_t size = 0;
  std::int32_t crc = 0;
};
/// The slave's answer: it has found out where the two logs agree, and goes on at `begin`.
struct Hello {
  std::int32_t version = kExtendedVersion;
  Identity identity;
  PhysicalOffset begin;
  std::int64_t last_epoch = 0;
  LogSample sample;
};
/// `size` bytes of log follow the frame; none: a heartbeat.
struct Chunk {
  PhysicalOffset begin;
  std::int32_t size = 0;
  std::int32_t crc = 0;  ///< Of those bytes.
  Epoch epoch;           ///< They all belong to it.
  PhysicalOffset log_max;
  PhysicalOffset confirmed;  ///< Everything below is on as many replicas as the master wants.
};
/// From the slave: everything below `end` is written or flushed, as the master asked for.
struct Acknowledgement {
  PhysicalOffset end;
};
/// Last word of either side before it closes.
struct Refusal {
  std::string reason;
};
using Frame = std::variant<Welcome, Hello, Chunk, Acknowledgement, Refusal>;

/// Every frame begins so: magic "TNHA", kind, length of the rest, CRC of the rest.
inline constexpr std::size_t kFrameHeaderBytes = 16;
/// The longest rest: a Welcome with all epochs and names.
inline constexpr std::size_t kFrameRestMax = 32 * 1024;

std::string encode_frame(const Frame& frame);

/// A frame at the begin of a receive buffer, and how long it is there. The bytes of a chunk come behind it.
struct FrameInBuffer {
  Frame frame;
  std::size_t size = 0;
};
/// Nothing when the frame has not come as a whole. Decides from the first bytes, so nothing too long is awaited. Error:
/// corrupt.
Result<std::optional<FrameInBuffer>> next_frame(std::span<const std::byte> input);

}  // namespace tenon::replication
