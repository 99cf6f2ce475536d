// SPDX-License-Identifier: Apache-2.0
#include "storetools/input_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tenon::storetools {
namespace {

Error refused(std::string_view call, const std::filesystem::path& path, int error_number) {
  const std::error_code code(error_number, std::generic_category());
  return {code, text(call, " ", path.string(), ": ", code.message())};
}

/// The pages of a mapping that lie wholly behind the end of its file may not be touched: others take their place.
void* map(int descriptor, std::size_t file_size, std::size_t wanted) {
  if (wanted <= file_size) return mmap(nullptr, wanted, PROT_READ, MAP_SHARED, descriptor, 0);
  void* const data = mmap(nullptr, wanted, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED || file_size == 0) return data;
  return mmap(data, file_size, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor, 0);
}

}  // namespace

Result<InputFile> InputFile::open(const std::filesystem::path& path) { return open(path, -1); }

Result<InputFile> InputFile::open(const std::filesystem::path& path, std::int64_t size) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return refused("open", path, errno);
  InputFile file;
  file.path_ = path;
  struct stat info {};
  void* data = MAP_FAILED;
  const bool known = fstat(descriptor, &info) == 0;
  const auto wanted = static_cast<std::size_t>(size >= 0 ? size : info.st_size);
  if (known && wanted > 0) data = map(descriptor, static_cast<std::size_t>(info.st_size), wanted);
  const int reason = errno;
  close(descriptor);
  if (!known) return refused("fstat", path, reason);
  if (wanted == 0) return file;
  if (data == MAP_FAILED) return refused("mmap", path, reason);
  file.bytes_ = {static_cast<const std::byte*>(data), wanted};
  return file;
}

InputFile::~InputFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

bool all_zeros(std::span<const std::byte> bytes) noexcept {
  static constexpr std::array<std::byte, 4096> kZeros{};
  while (bytes.size() >= kZeros.size()) {
    if (std::memcmp(bytes.data(), kZeros.data(), kZeros.size()) != 0) return false;
    bytes = bytes.subspan(kZeros.size());
  }
  return bytes.empty() || std::memcmp(bytes.data(), kZeros.data(), bytes.size()) == 0;
}

}  // namespace tenon::storetools
