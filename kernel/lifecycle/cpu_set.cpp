// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/cpu_set.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc() || end != digits.data() + digits.size() || value < 0 || value >= CPU_SETSIZE)
    return std::nullopt;
  return value;
}

std::string_view take_until(char separator, std::string_view& rest) {
  const std::string_view piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return piece;
}

}  // namespace

std::optional<CpuSet> CpuSet::parse(std::string_view list) {
  CpuSet set;
  if (list.ends_with(',')) return std::nullopt;
  while (!list.empty()) {
    std::string_view range = take_until(',', list);
    const bool is_one = range.find('-') == range.npos;
    const auto first = number(take_until('-', range)), last = is_one ? first : number(range);
    if (!first || !last || *first > *last) return std::nullopt;
    set.add(*first, *last);
  }
  return set;
}

CpuSet CpuSet::of_this_thread() noexcept {
  CpuSet set;
  if (::sched_getaffinity(0, sizeof set.mask_, &set.mask_) != 0) CPU_ZERO(&set.mask_);
  return set;
}

CpuSet CpuSet::without(const CpuSet& others) const noexcept {
  CpuSet left;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (has(cpu) && !others.has(cpu)) left.add(cpu, cpu);
  }
  return left;
}

void CpuSet::keep_this_thread() const noexcept { keep(0); }
void CpuSet::keep_main_thread() const noexcept { keep(::getpid()); }

void CpuSet::keep(pid_t thread) const noexcept {
  if (!empty()) (void)::sched_setaffinity(thread, sizeof mask_, &mask_);
}

std::string CpuSet::to_string() const {
  std::string list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!has(cpu)) continue;
    const int first = cpu;
    while (cpu + 1 < CPU_SETSIZE && has(cpu + 1)) ++cpu;
    list += text(list.empty() ? "" : ",", first);
    if (cpu > first) list += text("-", cpu);
  }
  return list;
}

void CpuSet::add(int first, int last) noexcept {
  for (int cpu = first; cpu <= last; ++cpu) CPU_SET(cpu, &mask_);
}

}  // namespace tenon::kernel
