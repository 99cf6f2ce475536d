// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace tenon::kernel {

/// When a thread that serves sockets looks for work for a while instead of going to sleep: while looking finds some. A
/// look that found nothing doubles how much the thread does before it looks again, one that found something halves it.
/// So it looks where at least every other look finds something, and in the course of kRestMax handlers about once where
/// none does.
/// Threads: one. Knows neither clock nor sockets.
class IdlePoll {
 public:
  static constexpr int kRestMax = 1023;

  /// How many handlers to run, asleep in between, before the next look.
  int rest() const noexcept { return rest_; }
  void found() noexcept { rest_ /= 2; }
  void missed() noexcept { rest_ = std::min(2 * rest_ + 1, kRestMax); }

 private:
  int rest_ = kRestMax;
};

}  // namespace tenon::kernel
