// SPDX-License-Identifier: Apache-2.0
#include "bench/cpu_time.hpp"

#include <time.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace tenon::bench {

std::optional<double> cpu_seconds_of(int pid) {
  std::error_code failed;
  std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task", failed);
  if (failed) return std::nullopt;
  std::uint64_t total_ns = 0;
  for (; tasks != std::filesystem::directory_iterator(); tasks.increment(failed)) {
    std::ifstream schedstat(tasks->path() / "schedstat");
    std::uint64_t ns = 0;
    if (schedstat >> ns) total_ns += ns;
    if (failed) break;
  }
  return static_cast<double>(total_ns) * 1e-9;
}

double own_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

}  // namespace tenon::bench
