// SPDX-License-Identifier: Apache-2.0
#include "tenon/lease_clock.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace tenon {
namespace {

using namespace std::chrono_literals;

TEST(LeaseClock, NeverGoesBack) {
  const auto first = LeaseClock::now();
  EXPECT_LE(first, LeaseClock::now());
  EXPECT_GT(first.time_since_epoch(), 0s);
}

constexpr int kCannot = 77;

/// In a time namespace whose machine has slept an hour more than this one (time_namespaces(7)).
[[noreturn]] void look_from_a_machine_that_slept(LeaseClock::time_point before,
                                                 std::chrono::steady_clock::time_point steady_before) {
  const bool allowed = ::unshare(CLONE_NEWTIME) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWTIME) == 0;
  std::ofstream offsets("/proc/self/timens_offsets");
  if (!allowed || !(offsets << "boottime 3600 0" << std::flush)) ::_exit(kCannot);
  const pid_t child = ::fork();  // only children are in it
  if (child == 0) {
    const bool slept = LeaseClock::now() - before >= 1h;
    const bool steady_stood = std::chrono::steady_clock::now() - steady_before < 30min;
    ::_exit(slept && steady_stood ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

TEST(LeaseClock, GoesOnWhileTheMachineSleeps) {
  const pid_t child = ::fork();
  if (child == 0) look_from_a_machine_that_slept(LeaseClock::now(), std::chrono::steady_clock::now());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kCannot) GTEST_SKIP() << "needs a time namespace, which is refused here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tenon
