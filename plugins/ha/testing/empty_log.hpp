// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tenon/log_tap.hpp"

namespace tenon::ha::testing {

/// A log that is as long as the class above it says, and to which nothing happens. By itself it has nothing to read.
class EmptyLog : public LogTap {
 public:
  Result<LogStretch> read_log(PhysicalOffset, std::int64_t, ReadForm) const override {
    return Error(Errc::query_not_found, "there is none");
  }
  PhysicalOffset log_min() const override { return {0}; }
  std::int64_t log_file_size() const override { return 1 << 20; }
  PhysicalOffset log_received() const override { return log_max(); }
  void watch(LogWatcher*) override {}
  Status append_log(PhysicalOffset, std::span<const std::byte>) override { return {}; }
  Result<std::string> truncate_log(PhysicalOffset) override { return std::string(); }
  PhysicalOffset confirm_offset() const override { return log_max(); }
  void set_confirm_offset(PhysicalOffset) override {}
};

}  // namespace tenon::ha::testing
