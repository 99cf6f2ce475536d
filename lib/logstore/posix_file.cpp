// SPDX-License-Identifier: Apache-2.0
#include "logstore/posix_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace tenon::logstore {

Error system_error(std::string_view call, const std::filesystem::path& path, int error_number) {
  const std::error_code code(error_number, std::generic_category());
  return {code, text(call, " ", path.string(), ": ", code.message())};
}

Mapping::~Mapping() { munmap(data_, size_); }

void Mapping::advise(std::size_t offset, std::size_t length, int advice) const noexcept {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t begin = offset / page * page;
  const std::size_t end = std::min(offset + length, size_);
  if (begin < end) madvise(data_ + begin, end - begin, advice);
}

void Mapping::populate(std::size_t offset, std::size_t length) const noexcept {
#ifndef MADV_POPULATE_WRITE
  constexpr int MADV_POPULATE_WRITE = 23;  // Linux 5.14; older kernels refuse it, then the append takes the faults.
#endif
  advise(offset, length, MADV_POPULATE_WRITE);
}

std::size_t Mapping::resident(std::size_t offset, std::size_t length) const noexcept {
  constexpr std::size_t kPagesAtOnce = 256;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t end = std::min(offset + length, size_);
  unsigned char present[kPagesAtOnce];
  for (std::size_t at = offset / page * page; at < end;) {
    const std::size_t part = std::min(end - at, kPagesAtOnce * page);
    if (mincore(data_ + at, part, present) != 0) return length;
    for (std::size_t index = 0; index * page < part; ++index) {
      if ((present[index] & 1) == 0) return at + index * page > offset ? at + index * page - offset : 0;
    }
    at += part;
  }
  return length;
}

void Mapping::fetch(std::size_t offset, std::size_t length) const noexcept {
#ifndef MADV_POPULATE_READ
  constexpr int MADV_POPULATE_READ = 22;  // Linux 5.14; older kernels refuse it, then the reader takes the faults.
#endif
  advise(offset, length, MADV_POPULATE_READ);
}

void Mapping::will_need(std::size_t offset, std::size_t length) const noexcept {
  advise(offset, length, MADV_WILLNEED);
}

void Mapping::read_as_told(std::size_t offset, std::size_t length) const noexcept {
  advise(offset, length, MADV_RANDOM);
}

PosixFile::~PosixFile() { close(descriptor_); }

Status PosixFile::write_at(std::int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error("pwrite", path_, written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += written;
  }
  return {};
}

Status File::write_pair_at(std::int64_t offset, std::span<const std::byte> first, std::span<const std::byte> second) {
  if (Status written = write_at(offset, first); !written) return written;
  return write_at(offset + static_cast<std::int64_t>(first.size()), second);
}

Status PosixFile::write_pair_at(std::int64_t offset, std::span<const std::byte> first,
                                std::span<const std::byte> second) {
  const iovec parts[2] = {{const_cast<std::byte*>(first.data()), first.size()},
                          {const_cast<std::byte*>(second.data()), second.size()}};
  const ssize_t written = pwritev(descriptor_, parts, 2, offset);
  if (written < 0 && errno != EINTR) return system_error("pwritev", path_, errno);
  // The rest of a write that was cut short, piece by piece.
  const auto done = static_cast<std::size_t>(std::max<ssize_t>(written, 0));
  if (done == first.size() + second.size()) return {};
  offset += static_cast<std::int64_t>(done);
  if (done < first.size()) return File::write_pair_at(offset, first.subspan(done), second);
  return write_at(offset, second.subspan(done - first.size()));
}

Result<std::size_t> PosixFile::read_at(std::int64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        pread(descriptor_, out.data() + done, out.size() - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("pread", path_, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool File::is_at_hand(std::int64_t, std::int64_t) const { return true; }

/// It may lie in two pages, one of which the kernel is still reading.
bool PosixFile::is_at_hand(std::int64_t offset, std::int64_t length) const {
  static const std::int64_t page = sysconf(_SC_PAGESIZE);
  const std::int64_t last = offset + std::max<std::int64_t>(length, 1) - 1;
  return is_byte_at_hand(offset) && (offset / page == last / page || is_byte_at_hand(last));
}

bool PosixFile::is_byte_at_hand(std::int64_t offset) const {
  std::byte probe;
  const iovec part{&probe, 1};
  return preadv2(descriptor_, &part, 1, offset, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

void File::read_as_told() const {}

void PosixFile::read_as_told() const { (void)posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM); }

void File::will_need(std::int64_t, std::int64_t) const {}

void PosixFile::will_need(std::int64_t offset, std::int64_t length) const {
  (void)posix_fadvise(descriptor_, offset, length, POSIX_FADV_WILLNEED);
}

bool File::may_have_data_from(std::int64_t) const { return true; }

bool PosixFile::may_have_data_from(std::int64_t offset) const {
  return lseek(descriptor_, offset, SEEK_DATA) >= 0 || errno != ENXIO;
}

Result<std::int64_t> PosixFile::size() const {
  struct stat info {};
  if (fstat(descriptor_, &info) != 0) return system_error("fstat", path_, errno);
  return static_cast<std::int64_t>(info.st_size);
}

Status PosixFile::set_size(std::int64_t size) {
  if (ftruncate(descriptor_, size) != 0) return system_error("ftruncate", path_, errno);
  return {};
}

Status PosixFile::allocate(std::int64_t offset, std::int64_t length) {
  while (fallocate(descriptor_, 0, offset, length) != 0) {
    if (errno == EINTR) continue;
    if (errno != EOPNOTSUPP) return system_error("fallocate", path_, errno);
    // posix_fallocate would do the same in a slower way; existing bytes must survive, so only what is new is written.
    const Result<std::int64_t> now = size();
    if (!now) return now.error();
    const std::int64_t begin = std::max(offset, *now);
    return begin < offset + length ? write_zeros(begin, offset + length - begin) : Status{};
  }
  return {};
}

Status PosixFile::zero(std::int64_t offset, std::int64_t length) {
  if (length <= 0 || fallocate(descriptor_, FALLOC_FL_ZERO_RANGE, offset, length) == 0) return {};
  // tmpfs knows no zero range, but holes.
  if (fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0)
    return allocate(offset, length);
  return write_zeros(offset, length);
}

Status PosixFile::punch(std::int64_t offset) {
  const Result<std::int64_t> end = size();
  if (!end) return end.error();
  if (offset >= *end || fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, *end - offset) == 0)
    return {};
  // Not by a shorter length for a moment: whoever is killed then leaves a file that nobody opens.
  return write_zeros(offset, *end - offset);
}

Status PosixFile::write_zeros(std::int64_t offset, std::int64_t length) {
  static constexpr std::array<std::byte, 65'536> kZeros{};
  while (length > 0) {
    const auto part = std::min<std::int64_t>(length, static_cast<std::int64_t>(kZeros.size()));
    if (Status written = write_at(offset, std::span(kZeros).first(static_cast<std::size_t>(part))); !written)
      return written;
    offset += part;
    length -= part;
  }
  return {};
}

void PosixFile::start_writeback(std::int64_t offset, std::int64_t length) {
  sync_file_range(descriptor_, offset, length, SYNC_FILE_RANGE_WRITE);
}

/// fdatasync need not force a name that was given after the last change of the size; fsync does, on the file systems
/// that have a journal.
Status PosixFile::sync() {
  if (name_is_new_) {
    if (fsync(descriptor_) != 0) return system_error("fsync", path_, errno);
    name_is_new_ = false;
    return {};
  }
  if (fdatasync(descriptor_) != 0) return system_error("fdatasync", path_, errno);
  return {};
}

Result<std::unique_ptr<Mapping>> PosixFile::map(std::size_t size) {
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (data == MAP_FAILED) return system_error("mmap", path_, errno);
  return std::make_unique<Mapping>(static_cast<std::byte*>(data), size);
}

}  // namespace tenon::logstore
