// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/bus_error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

// All that is called here is safe in a signal handler: no memory is allocated, nothing is locked.
namespace tenon::kernel {
namespace {

/// A line of /proc/self/maps. Source: proc(5).
struct MappedFile {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uint64_t offset = 0;  ///< Of `begin` in the file, bytes.
  std::uint64_t inode = 0;
  std::string_view path;  ///< The name it had when it was opened.
};

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::uint64_t number_of(std::string_view digits, int base) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  return number;
}

/// "7f00-7f01 r--s 00001000 fd:00 1234   /path".
MappedFile parse(std::string_view line) {
  MappedFile file;
  const std::string_view range = take_word(line);
  const std::size_t dash = std::min(range.find('-'), range.size());
  file.begin = number_of(range.substr(0, dash), 16);
  file.end = number_of(range.substr(std::min(dash + 1, range.size())), 16);
  take_word(line);  // permissions
  file.offset = number_of(take_word(line), 16);
  take_word(line);  // device
  file.inode = number_of(take_word(line), 10);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  file.path = line;
  return file;
}

/// Reads a file line by line into a buffer of its own; a longer line is cut.
class Lines {
 public:
  explicit Lines(const char* path) : descriptor_(open(path, O_RDONLY | O_CLOEXEC)) {}
  ~Lines() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  std::optional<std::string_view> next() {
    std::size_t length = 0;
    for (char byte = 0; read_one(byte); ++length) {
      if (byte == '\n') return std::string_view(line_.data(), std::min(length, line_.size()));
      if (length < line_.size()) line_[length] = byte;
    }
    return std::nullopt;
  }

 private:
  bool read_one(char& byte) {
    if (at_ == filled_) {
      const ssize_t got = descriptor_ < 0 ? 0 : read(descriptor_, buffer_.data(), buffer_.size());
      if (got <= 0) return false;
      at_ = 0;
      filled_ = static_cast<std::size_t>(got);
    }
    byte = buffer_[at_++];
    return true;
  }

  int descriptor_;
  std::array<char, 4096> buffer_;
  std::array<char, PATH_MAX + 128> line_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
};

void say(std::string_view words) {
  while (!words.empty()) {
    const ssize_t written = write(STDERR_FILENO, words.data(), words.size());
    if (written <= 0) return;
    words.remove_prefix(static_cast<std::size_t>(written));
  }
}

void say(std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  say(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

/// Says the name in `directory` that the file has now; false where it has none.
bool say_name_in(std::string_view directory, std::uint64_t inode) {
  std::array<char, PATH_MAX> path{};
  directory.copy(path.data(), path.size() - 1);
  const int descriptor = open(path.data(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  alignas(dirent64) std::array<char, 4096> entries;
  for (ssize_t got; (got = getdents64(descriptor, entries.data(), entries.size())) > 0;) {
    for (const char* at = entries.data(); at < entries.data() + got;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(at);
      at += entry->d_reclen;
      if (entry->d_ino != inode) continue;
      say(directory);
      say(std::string_view(entry->d_name));
      return true;
    }
  }
  return false;  // the process ends: the descriptor with it
}

/// Files of the store get their name when they are whole, so most have none in the list of mappings.
void say_name_of(const MappedFile& file) {
  const std::size_t name = file.path.rfind('/');
  if (!file.path.ends_with(" (deleted)") || name == std::string_view::npos ||
      !say_name_in(file.path.substr(0, name + 1), file.inode)) {
    say(file.path);
  }
}

void say_file_of(std::uintptr_t address) {
  Lines maps("/proc/self/maps");
  while (const auto line = maps.next()) {
    const MappedFile file = parse(*line);
    if (address < file.begin || address >= file.end) continue;
    say_name_of(file);
    say(" at offset ");
    return say(file.offset + (address - file.begin));
  }
  say("no file of this process");
}

extern "C" void take_bus_error(int number, siginfo_t* info, void*) {
  say("tenon: bus error (SIGBUS): ");
  say_file_of(reinterpret_cast<std::uintptr_t>(info->si_addr));
  say(" cannot be read: it was cut short while it was open, or its disk failed (see dmesg). What was acknowledged as "
      "on "
      "disk is recovered by the next start; `tenon store verify` says what is damaged.\n");
  // The handler is gone (SA_RESETHAND): what failed fails again and ends the process. Not so what somebody sent.
  if (info->si_code <= 0) (void)raise(number);
}

}  // namespace

void name_file_of_bus_errors() {
  struct sigaction action {};
  action.sa_sigaction = take_bus_error;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

}  // namespace tenon::kernel
