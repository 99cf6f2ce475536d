// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/fault_file_system.hpp"

#include <utility>

#include "logstore/posix_file.hpp"

namespace tenon::logstore::testing {
namespace {

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& faults, std::filesystem::path path, std::shared_ptr<File> real)
      : faults_(faults), path_(std::move(path)), real_(std::move(real)) {}

  Status write_at(std::int64_t offset, std::span<const std::byte> bytes) override {
    if (faults_.before_write) faults_.before_write();
    const Fault fault = faults_.next_fault();
    if (fault == Fault::none) return real_->write_at(offset, bytes);
    // A write that fails may have written a part.
    if (fault != Fault::drop) (void)real_->write_at(offset, bytes.first(bytes.size() / 2));
    return outcome(fault, "pwrite");
  }
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> out) const override {
    if (faults_.next_read_fails()) return faults_.error("pread", path_);
    return real_->read_at(offset, out);
  }
  bool may_have_data_from(std::int64_t offset) const override { return real_->may_have_data_from(offset); }
  Result<std::int64_t> size() const override { return real_->size(); }
  Status set_size(std::int64_t size) override {
    return faults_.next_fault() == Fault::fail ? outcome(Fault::fail, "ftruncate") : real_->set_size(size);
  }
  Status allocate(std::int64_t offset, std::int64_t length) override {
    return faults_.next_fault() == Fault::fail ? outcome(Fault::fail, "fallocate") : real_->allocate(offset, length);
  }
  Status zero(std::int64_t offset, std::int64_t length) override {
    const Fault fault = faults_.next_fault();
    return fault == Fault::none ? real_->zero(offset, length) : outcome(fault, "fallocate");
  }
  Status punch(std::int64_t offset) override {
    const Fault fault = faults_.next_fault();
    return fault == Fault::none ? real_->punch(offset) : outcome(fault, "fallocate");
  }
  void start_writeback(std::int64_t offset, std::int64_t length) override { real_->start_writeback(offset, length); }
  Status sync() override {
    const Fault fault = faults_.next_sync_fault(path_);
    return fault == Fault::none ? real_->sync() : outcome(fault, "fdatasync");
  }
  Result<std::unique_ptr<Mapping>> map(std::size_t size) override { return real_->map(size); }
  int descriptor() const noexcept override { return real_->descriptor(); }

 private:
  Status outcome(Fault fault, std::string_view call) const {
    if (fault == Fault::fail) return faults_.error(call, path_);
    return {};
  }

  FaultFileSystem& faults_;
  std::filesystem::path path_;
  std::shared_ptr<File> real_;
};

class FaultSync final : public FileSystemSync {
 public:
  FaultSync(FaultFileSystem& faults, std::filesystem::path path, std::unique_ptr<FileSystemSync> real)
      : faults_(faults), path_(std::move(path)), real_(std::move(real)), told_(faults.lost_writebacks()) {}
  Status sync() override {
    if (std::exchange(told_, faults_.lost_writebacks()) != told_) return system_error("syncfs", path_, EIO);
    const Fault fault = faults_.next_sync_fault(path_);
    if (fault == Fault::none) return real_->sync();
    if (fault == Fault::fail) return faults_.error("syncfs", path_);
    return {};
  }

 private:
  FaultFileSystem& faults_;
  std::filesystem::path path_;
  std::unique_ptr<FileSystemSync> real_;
  int told_;
};

}  // namespace

Fault FaultFileSystem::next_fault() {
  if (countdown_ == kNever) return Fault::none;
  const std::int64_t left = countdown_.fetch_sub(1);
  if (left > 0 || (once_ && left < 0)) return Fault::none;
  failed_ = true;
  return fault_;
}

bool FaultFileSystem::next_read_fails() {
  if (reads_left_ == kNever || reads_left_.fetch_sub(1) > 0) return false;
  failed_ = true;
  return true;
}

Fault FaultFileSystem::next_sync_fault(const std::filesystem::path& path) {
  const char* part = failing_part_;
  if (syncs_fail_ || (part != nullptr && path.string().find(part) != std::string::npos)) {
    failed_ = true;
    error_number_ = EIO;
    return Fault::fail;
  }
  return next_fault();
}

Error FaultFileSystem::error(std::string_view call, const std::filesystem::path& path) const {
  return system_error(call, path, error_number_);
}

Result<std::unique_ptr<FileSystemSync>> FaultFileSystem::open_sync(const std::filesystem::path& path) {
  auto real = real_.open_sync(path);
  if (!real) return real.error();
  return std::make_unique<FaultSync>(*this, path, std::move(*real));
}

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::filesystem::path& path, OpenMode mode) {
  if (mode == OpenMode::create && !real_.exists(path) && next_fault() == Fault::fail) return error("open", path);
  if (mode == OpenMode::existing && next_read_fails()) return error("open", path);
  auto file = real_.open(path, mode);
  if (!file) return file.error();
  return std::make_unique<FaultFile>(*this, path, std::move(*file));
}

Result<std::unique_ptr<File>> FaultFileSystem::create(const std::filesystem::path& path, const Fill& fill) {
  if (next_fault() == Fault::fail) return error("create", path);
  auto file = real_.create(path, [&](File& made) {
    FaultFile faulty(*this, path, std::shared_ptr<File>(std::shared_ptr<File>(), &made));
    return fill(faulty);
  });
  if (!file) return file.error();
  return std::make_unique<FaultFile>(*this, path, std::move(*file));
}

Status FaultFileSystem::link(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (next_fault() == Fault::fail) return error("link", to);
  if (links_fail_) return system_error("link", to, EMLINK);
  const auto is_mounted = [this](const std::filesystem::path& path) {
    return !mounted_.empty() && path.string().starts_with(mounted_.string() + "/");
  };
  if (is_mounted(from) != is_mounted(to)) return system_error("link", to, EXDEV);
  return real_.link(from, to);
}

Result<DiskSpace> FaultFileSystem::space(const std::filesystem::path& path) const {
  if (capacity_ > 0) return DiskSpace{capacity_, available_};
  return real_.space(path);
}

}  // namespace tenon::logstore::testing
