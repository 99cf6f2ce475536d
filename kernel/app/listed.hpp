// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace tenon::kernel {

/// "a, b, c", as people are shown it.
inline std::string listed(std::span<const std::string> words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

}  // namespace tenon::kernel
