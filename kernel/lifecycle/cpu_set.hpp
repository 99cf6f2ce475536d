// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

#include <optional>
#include <string>
#include <string_view>

namespace tenon::kernel {

/// Processors by their numbers, as the operating system counts them. Without any: no wish.
class CpuSet {
 public:
  CpuSet() noexcept { CPU_ZERO(&mask_); }
  /// As taskset and /sys/devices/system/cpu write it: "0-3,8". The empty text is the empty set; anything else is
  /// nothing.
  static std::optional<CpuSet> parse(std::string_view list);
  /// Those that the calling thread may run on.
  static CpuSet of_this_thread() noexcept;

  bool empty() const noexcept { return size() == 0; }
  int size() const noexcept { return CPU_COUNT(&mask_); }
  CpuSet without(const CpuSet& others) const noexcept;
  /// From now on the calling thread, and those that it starts, run on these only. Nothing happens where there are none,
  /// or none any longer that the process may run on.
  void keep_this_thread() const noexcept;
  /// The same for the main thread; from any.
  void keep_main_thread() const noexcept;
  /// As parse() takes it.
  std::string to_string() const;

 private:
  bool has(int cpu) const noexcept { return CPU_ISSET(cpu, &mask_); }
  void keep(pid_t thread) const noexcept;
  void add(int first, int last) noexcept;

  cpu_set_t mask_;
};

}  // namespace tenon::kernel
