// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bench/measurement.hpp"

namespace tenon::bench {

/// The measured part of a run: opens after the warm-up, counts what happens, prints a line every second, closes.
/// Threads: one.
class Window {
 public:
  Window(const Options& options, Measurement& into);

  /// Call once per wake with the current time. Opens the window, prints progress.
  void tick(std::int64_t now_ns);
  bool is_open() const noexcept { return open_; }
  /// The end is reached by time. (A run bounded by requests closes itself.)
  bool is_over(std::int64_t now_ns) const noexcept { return now_ns >= closes_at_ns_; }
  /// Takes the CPU times at the end.
  void close(std::int64_t now_ns);

  void answered(std::uint64_t messages, std::uint64_t body_bytes, std::int64_t latency_ns) noexcept {
    if (!open_) return;
    ++into_.requests;
    into_.messages += messages;
    into_.body_bytes += body_bytes;
    into_.latency.record(latency_ns);
  }
  void refused(int code, std::string_view remark);

 private:
  void print_progress(std::int64_t now_ns);

  const Options& options_;
  Measurement& into_;
  bool open_ = false;
  std::int64_t opens_at_ns_;
  std::int64_t closes_at_ns_;
  std::int64_t opened_at_ns_ = 0;
  std::int64_t progress_at_ns_ = 0;
  std::uint64_t progress_messages_ = 0;
  double server_cpu_ = -1;
  double own_cpu_ = 0;
};

}  // namespace tenon::bench
