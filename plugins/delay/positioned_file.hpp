// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::delay {

/// A file written and read at positions, without a mapping: a full disk or a bad sector is an error, not a signal.
/// Threads: any; writes of two threads to the same bytes are the callers' to keep apart.
class PositionedFile {
 public:
  /// Opens or creates; a new file, or one of another length, gets `length` bytes (0: as it is).
  static Result<std::shared_ptr<PositionedFile>> open(const std::filesystem::path& path, std::int64_t length);
  ~PositionedFile();
  PositionedFile(const PositionedFile&) = delete;
  PositionedFile& operator=(const PositionedFile&) = delete;

  /// All of `bytes`; beyond the end of the file they are zeros. Error: io.
  Status read(std::int64_t position, std::span<std::byte> bytes) const;
  /// From where on there may be anything but zeros; length() if nowhere.
  std::int64_t next_data(std::int64_t position) const noexcept;
  Status write(std::int64_t position, std::span<const std::byte> bytes);
  Status sync();
  std::int64_t length() const noexcept { return length_; }

 private:
  PositionedFile(std::filesystem::path path, int descriptor, std::int64_t length)
      : path_(std::move(path)), descriptor_(descriptor), length_(length) {}
  Error failed(std::string_view call) const;

  const std::filesystem::path path_;
  const int descriptor_;
  const std::int64_t length_;
};

}  // namespace tenon::delay
