// SPDX-License-Identifier: Apache-2.0
#include "storetools/reading_file_system.hpp"

#include <fcntl.h>

#include <cerrno>

#include "logstore/posix_file.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;
using logstore::File;

class ReadingFileSystem final : public logstore::FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const fs::path& path, OpenMode) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return logstore::system_error("open", path, errno);
    return std::make_unique<logstore::PosixFile>(descriptor, path);
  }
  bool exists(const fs::path& path) const override { return real_.exists(path); }
  Result<std::vector<logstore::DirectoryEntry>> list(const fs::path& path) const override { return real_.list(path); }
  Result<logstore::DiskSpace> space(const fs::path& path) const override { return real_.space(path); }

  Status remove(const fs::path&) override { return {}; }
  Status remove_empty_directory(const fs::path&) override { return {}; }

  Result<std::unique_ptr<File>> create(const fs::path& path, const Fill&) override { return refused(path); }
  Status link(const fs::path&, const fs::path& to) override { return refused(to); }
  Status rename(const fs::path& from, const fs::path&) override { return refused(from); }
  Status remove_tree(const fs::path& path) override { return refused(path); }
  Status create_directories(const fs::path& path) override { return refused(path); }
  Status sync_directory(const fs::path& path) override { return refused(path); }
  Result<std::unique_ptr<logstore::FileSystemSync>> open_sync(const fs::path& path) override { return refused(path); }
  Result<std::unique_ptr<logstore::FileLock>> lock(const fs::path& path) override { return refused(path); }

 private:
  static Error refused(const fs::path& path) { return logstore::system_error("change", path, EROFS); }

  FileSystem& real_ = logstore::posix_file_system();
};

}  // namespace

logstore::FileSystem& reading_file_system() {
  static ReadingFileSystem instance;
  return instance;
}

}  // namespace tenon::storetools
