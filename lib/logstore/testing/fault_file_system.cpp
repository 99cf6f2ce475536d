// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/fault_file_system.hpp"

#include "logstore/posix_file.hpp"

namespace tenon::logstore::testing {
namespace {

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& faults, std::filesystem::path path, std::unique_ptr<File> real)
      : faults_(faults), path_(std::move(path)), real_(std::move(real)) {}

  Status write_at(std::int64_t offset, std::span<const std::byte> bytes) override {
    if (Status fault = faults_.change("pwrite", path_); !fault) {
      // A write that fails may have written a part.
      (void)real_->write_at(offset, bytes.first(bytes.size() / 2));
      return fault;
    }
    return real_->write_at(offset, bytes);
  }
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> out) const override {
    return real_->read_at(offset, out);
  }
  Result<std::int64_t> size() const override { return real_->size(); }
  Status set_size(std::int64_t size) override {
    const Status fault = faults_.change("ftruncate", path_);
    return fault ? real_->set_size(size) : fault;
  }
  Status allocate(std::int64_t offset, std::int64_t length) override {
    const Status fault = faults_.change("fallocate", path_);
    return fault ? real_->allocate(offset, length) : fault;
  }
  Status zero(std::int64_t offset, std::int64_t length) override {
    const Status fault = faults_.change("fallocate", path_);
    return fault ? real_->zero(offset, length) : fault;
  }
  void start_writeback(std::int64_t offset, std::int64_t length) override { real_->start_writeback(offset, length); }
  Status sync() override {
    const Status fault = faults_.sync_change(path_);
    return fault ? real_->sync() : fault;
  }
  Result<std::unique_ptr<Mapping>> map(std::size_t size) override { return real_->map(size); }
  int descriptor() const noexcept override { return real_->descriptor(); }

 private:
  FaultFileSystem& faults_;
  std::filesystem::path path_;
  std::unique_ptr<File> real_;
};

}  // namespace

Status FaultFileSystem::change(std::string_view call, const std::filesystem::path& path) {
  if (countdown_ == kNever || countdown_.fetch_sub(1) > 0) return {};
  failed_ = true;
  return system_error(call, path, error_number_);
}

Status FaultFileSystem::sync_change(const std::filesystem::path& path) {
  const char* part = failing_part_;
  if (syncs_fail_ || (part != nullptr && path.string().find(part) != std::string::npos)) {
    failed_ = true;
    return system_error("fdatasync", path, EIO);
  }
  return change("fdatasync", path);
}

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::filesystem::path& path, OpenMode mode) {
  if (mode == OpenMode::create && !real_.exists(path)) {
    if (Status fault = change("open", path); !fault) return fault.error();
  }
  auto file = real_.open(path, mode);
  if (!file) return file.error();
  return std::make_unique<FaultFile>(*this, path, std::move(*file));
}

Result<DiskSpace> FaultFileSystem::space(const std::filesystem::path& path) const {
  if (capacity_ > 0) return DiskSpace{capacity_, available_};
  return real_.space(path);
}

}  // namespace tenon::logstore::testing
