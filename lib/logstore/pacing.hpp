// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace tenon::logstore {

/// Spreads a work of many small pieces over a time, so that who shares the processor and the disk with it does not
/// wait for all of it at once. Threads: one.
class Pacing {
 public:
  /// Waits; false: the rest is wanted at once.
  using Pause = std::function<bool(std::chrono::milliseconds time)>;

  /// Everything at once.
  Pacing() = default;
  /// `piece_max` each, but `time_max` at most together.
  Pacing(std::chrono::microseconds piece_max, std::chrono::microseconds time_max, Pause pause)
      : piece_max_(piece_max), time_max_(time_max), pause_(std::move(pause)) {}

  void begin(std::size_t pieces) {
    done_ = 0;
    begin_ = Clock::now();
    piece_ = pieces == 0 ? piece_max_ : std::min(piece_max_, time_max_ / static_cast<std::int64_t>(pieces));
  }
  /// A piece is done. May wait.
  void step() {
    if (!pause_ || ++done_ % kPiecesAtOnce != 0) return;
    const auto ahead = begin_ + piece_ * done_ - Clock::now();
    if (ahead < kPauseMin) return;
    if (!pause_(std::chrono::duration_cast<std::chrono::milliseconds>(ahead))) pause_ = nullptr;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t kPiecesAtOnce = 16;
  static constexpr std::chrono::milliseconds kPauseMin{1};

  std::chrono::microseconds piece_max_{0}, time_max_{0}, piece_{0};
  Pause pause_;
  Clock::time_point begin_;
  std::int64_t done_ = 0;
};

}  // namespace tenon::logstore
