// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::protocol_native {

/// What the plug-in's TOML table says. Constant after configure().
struct Settings {
  std::vector<std::string> listen = {"127.0.0.1:10911"};
  std::string advertise;  ///< Empty: the first listener's address.
  std::int32_t connections_max = 20'000;
  std::chrono::seconds idle_timeout{120};
  std::chrono::seconds frame_timeout{60};
  std::chrono::seconds write_timeout{60};
  std::size_t frame_bytes_max = 16 * 1024 * 1024;
  std::int64_t output_high_bytes = 4 * 1024 * 1024;  ///< Unsent bytes of a connection at which its requests rest.
  std::int64_t partial_frames_bytes_max = 256 * 1024 * 1024;  ///< Of all connections together.
  std::int32_t requests_in_flight_max = 16 * 1024;            ///< Pulls of one connection, and as many sends.
  std::int64_t catch_up_distance =
      64 * 1024 * 1024;               ///< From the end of the log, where clients are served aside; 0: nowhere.
  std::size_t calls_max = 16 * 1024;  ///< Unanswered requests to one client.

  /// Unsent bytes at which a resting connection reads again.
  std::int64_t output_low_bytes() const noexcept { return output_high_bytes / 4; }
};

}  // namespace tenon::protocol_native
