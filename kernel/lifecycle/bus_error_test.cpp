// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/bus_error.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>

#include "lifecycle/executors.hpp"

namespace tenon::kernel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::KilledBySignal;

constexpr std::size_t kPage = 4096;

/// Maps three pages from the second one of a file on, which gets its name only then, as files of the store do; cuts it,
/// and reads what was its fourth.
void read_below_a_cut(const std::string& path) {
  const int file = open(std::filesystem::path(path).parent_path().c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, 4 * kPage) != 0) std::abort();
  void* const mapping = mmap(nullptr, 3 * kPage, PROT_READ, MAP_SHARED, file, kPage);
  const std::string unnamed = "/proc/self/fd/" + std::to_string(file);
  if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) std::abort();
  if (mapping == MAP_FAILED || ftruncate(file, 2 * kPage) != 0) std::abort();
  name_file_of_bus_errors();
  const volatile char* const bytes = static_cast<const char*>(mapping);
  (void)bytes[2 * kPage + 5];
}

TEST(BusError, NamesTheFileAndTheOffset) {
  const std::string path = testing::TempDir() + "bus error " + std::to_string(getpid());
  EXPECT_EXIT(read_below_a_cut(path), KilledBySignal(SIGBUS),
              AllOf(HasSubstr(path + " at offset 12293 "), HasSubstr("store verify")));
  std::filesystem::remove(path);
}

TEST(BusError, NamesAFileThatHadItsNameWhenItWasOpened) {
  const std::string path = testing::TempDir() + "bus-error-named-" + std::to_string(getpid());
  const auto read_empty = [&] {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const void* const mapping = mmap(nullptr, kPage, PROT_READ, MAP_SHARED, file, 0);
    if (mapping == MAP_FAILED) std::abort();
    name_file_of_bus_errors();
    (void)*static_cast<const volatile char*>(mapping);
  };
  EXPECT_EXIT(read_empty(), KilledBySignal(SIGBUS), HasSubstr(path + " at offset 0 "));
  std::filesystem::remove(path);
}

/// Its threads are left alone by signals that are for the main thread; this one is their own.
TEST(BusError, NamesItFromTheThreadsOfTheKernel) {
  const std::string path = testing::TempDir() + "bus-error-" + std::to_string(getpid());
  const auto read_on_a_thread = [&] {
    Executors executors({}, 1, [](const auto&, const auto&) {});
    executors.start();
    boost::asio::post(executors.executor(ExecutorRole::disk), [&] { read_below_a_cut(path); });
    pause();
  };
  EXPECT_EXIT(read_on_a_thread(), KilledBySignal(SIGBUS), HasSubstr(path + " at offset 12293 "));
  std::filesystem::remove(path);
}

TEST(BusError, OneThatSomebodySentEndsTheProcessToo) {
  const auto be_killed = [] {
    name_file_of_bus_errors();
    raise(SIGBUS);
  };
  EXPECT_EXIT(be_killed(), KilledBySignal(SIGBUS), HasSubstr("tenon: bus error"));
}

}  // namespace
}  // namespace tenon::kernel
