// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "replication/extended_frames.hpp"
#include "tenon/config.hpp"

namespace tenon::ha {

struct HaSettings {
  std::string listen;         ///< Empty: one port above the broker's.
  std::string advertise;      ///< Empty: where it listens.
  std::string master;         ///< Empty: whoever the name servers say.
  std::string master_broker;  ///< For clients; empty: likewise.
  bool synchronous = false;
  bool readers_bounded = false;       ///< Consumers get what is confirmed, and nothing more.
  std::int32_t in_sync_replicas = 1;  ///< The master included.
  replication::Acknowledge acknowledge = replication::Acknowledge::written;
  bool speaks_extended = true;
  std::chrono::milliseconds slave_timeout{3'000};
  std::chrono::milliseconds heartbeat_interval{5'000};
  std::chrono::milliseconds housekeeping_interval{20'000};
  /// Then people are told that a classic master has not answered for its log. No key.
  std::chrono::milliseconds answer_patience{5'000};
  std::int64_t transfer_batch_size = 256 * 1024;
  std::int64_t max_gap_not_in_sync = 256LL << 20;
  std::size_t connections_max = 64;
};

std::span<const ConfigKey> ha_keys();
/// Complains about promises that would hold nothing.
HaSettings read_ha_settings(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::ha
