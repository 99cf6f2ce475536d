// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "tenon/error.hpp"

namespace tenon::storetools {

/// A whole file, mapped for reading only, so that looking at a store cannot change it. Whoever shortens the file
/// meanwhile kills us: hold the store's lock. Threads: immutable after open().
class InputFile {
 public:
  /// Error: io.
  static Result<InputFile> open(const std::filesystem::path& path);
  /// As if it had `size` bytes: zeros behind its end, or without those behind `size`.
  static Result<InputFile> open(const std::filesystem::path& path, std::int64_t size);

  InputFile() = default;
  InputFile(InputFile&& other) noexcept : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}
  InputFile& operator=(InputFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~InputFile();

  const std::filesystem::path& path() const noexcept { return path_; }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::int64_t size() const noexcept { return static_cast<std::int64_t>(bytes_.size()); }

 private:
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

/// True if there is nothing but zeros, which is how unused parts of store files read.
bool all_zeros(std::span<const std::byte> bytes) noexcept;

}  // namespace tenon::storetools
