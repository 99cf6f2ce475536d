// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "logstore/file_system.hpp"

namespace tenon::logstore {

/// A File over a descriptor, which it owns.
class PosixFile final : public File {
 public:
  enum class Name { old, made_lately };
  PosixFile(int descriptor, std::string path, Name name = Name::old)
      : descriptor_(descriptor), name_is_new_(name == Name::made_lately), path_(std::move(path)) {}
  ~PosixFile() override;

  Status write_at(std::int64_t offset, std::span<const std::byte> bytes) override;
  Status write_pair_at(std::int64_t offset, std::span<const std::byte> first,
                       std::span<const std::byte> second) override;
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> out) const override;
  bool is_at_hand(std::int64_t offset, std::int64_t length) const override;
  void read_as_told() const override;
  void will_need(std::int64_t offset, std::int64_t length) const override;
  bool may_have_data_from(std::int64_t offset) const override;
  Result<std::int64_t> size() const override;
  Status set_size(std::int64_t size) override;
  Status allocate(std::int64_t offset, std::int64_t length) override;
  Status zero(std::int64_t offset, std::int64_t length) override;
  Status punch(std::int64_t offset) override;
  void start_writeback(std::int64_t offset, std::int64_t length) override;
  Status sync() override;
  Result<std::unique_ptr<Mapping>> map(std::size_t size) override;
  int descriptor() const noexcept override { return descriptor_; }

 private:
  bool is_byte_at_hand(std::int64_t offset) const;
  Status write_zeros(std::int64_t offset, std::int64_t length);

  int descriptor_;
  std::atomic<bool> name_is_new_;  ///< Not forced yet.
  std::string path_;
};

/// As FileSystem::create(), where files without a name, or a second name for an open one, cannot be had: the file
/// begins under another name beside the directory, where neither broker looks, and is renamed. Where the directory is a
/// mount point it begins in a directory of its own inside, `unfinished`. A killed process leaves it there to be
/// overwritten.
Result<std::unique_ptr<File>> create_under_another_name(const std::filesystem::path& path,
                                                        const FileSystem::Fill& fill);

/// "fdatasync /data/commitlog/0...: No space left on device", with errno as the code.
Error system_error(std::string_view call, const std::filesystem::path& path, int error_number);

}  // namespace tenon::logstore
