// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/data_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace tenon::kernel {
namespace {

namespace fs = std::filesystem;

Error refused(const fs::path& directory, const std::error_code& reason) {
  return {Errc::io, text("data directory ", directory.string(), " cannot be used: ", reason.message())};
}

std::error_code last_error() { return {errno, std::generic_category()}; }

bool lock_for_us(int descriptor) {
  struct flock whole_file {};
  whole_file.l_type = F_WRLCK;
  whole_file.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &whole_file) == 0;
}

Error held_by_another(const fs::path& directory, const fs::path& lock_file) {
  long pid = 0;
  std::ifstream(lock_file) >> pid;
  const std::string owner = pid > 0 ? text("process ", pid) : std::string("another process");
  return {Errc::service_not_available, text("data directory ", directory.string(), " is in use by ", owner,
                                            "; stop that one or choose another with --set broker.data_dir=PATH")};
}

// For the message of the next process only, so a failure is none of ours: a full disk must not stop the start.
void write_pid(int descriptor) {
  const std::string pid = text(static_cast<long>(getpid()), "\n");
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(), 0) < 0) errno = 0;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const fs::path& directory) {
  std::error_code failed;
  fs::path absolute = fs::absolute(directory, failed);
  if (!failed) fs::create_directories(absolute, failed);
  if (failed) return refused(directory, failed);
  const fs::path lock_file = absolute / kLockFile;
  const int descriptor = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return refused(absolute, last_error());
  DataDirectory opened(std::move(absolute), descriptor);
  if (!lock_for_us(descriptor)) {
    if (errno != EAGAIN && errno != EACCES) return refused(opened.path(), last_error());
    return held_by_another(opened.path(), lock_file);
  }
  write_pid(descriptor);
  return opened;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DataDirectory::~DataDirectory() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace tenon::kernel
