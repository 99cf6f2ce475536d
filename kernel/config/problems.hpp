// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/position.hpp"

namespace tenon::kernel {

/// One mistake in the configuration.
struct Problem {
  Position at;
  std::string message;

  /// "conf/broker.toml:14:1: error: unknown key ..."
  std::string to_string() const { return text(at.to_string(), ": error: ", message); }
};

/// All mistakes of one run, so that the user mends them at once. Bounded: a file of nothing but mistakes is cut off.
/// Threads: one.
class Problems {
 public:
  static constexpr std::size_t kMax = 100;

  void add(Position at, std::string message);
  bool empty() const noexcept { return problems_.empty(); }
  std::size_t size() const noexcept { return problems_.size(); }
  /// In the order of the file; those of the command line last.
  std::vector<Problem> sorted() const;
  /// One line each, ending in a newline.
  std::string to_string() const;

 private:
  std::vector<Problem> problems_;
};

}  // namespace tenon::kernel
