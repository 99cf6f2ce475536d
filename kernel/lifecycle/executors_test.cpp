// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/executors.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "lifecycle/control.hpp"
#include "lifecycle/health.hpp"
#include "tenon/thread_place.hpp"

namespace tenon::kernel {
namespace {

std::string name_of_thread_behind(const boost::asio::any_io_executor& executor) {
  std::promise<std::string> name;
  boost::asio::post(executor, [&name] {
    char buffer[32] = {};
    pthread_getname_np(pthread_self(), buffer, sizeof buffer);
    name.set_value(buffer);
  });
  return name.get_future().get();
}

TEST(Executors, RunOnThreadsNamedAfterTheirRole) {
  Executors executors({.threads = 2, .catch_up_threads = 2}, 1, [](const std::string&, const std::string&) {});
  executors.start();
  ASSERT_EQ(executors.catch_up_executors().size(), 2u);
  EXPECT_EQ(name_of_thread_behind(executors.catch_up_executors()[1]), "catch-up-1");
  ASSERT_EQ(executors.net_executors().size(), 2u);
  EXPECT_EQ(name_of_thread_behind(executors.net_executors()[1]), "net-1");
  EXPECT_EQ(name_of_thread_behind(executors.executor(ExecutorRole::disk)), "disk-0");
  EXPECT_EQ(name_of_thread_behind(executors.executor(ExecutorRole::sched)), "sched");
}

TEST(Executors, NetThreadsThatLookForWorkServeAndStopAsOthersDo) {
  std::string where;
  Executors executors({.idle_poll = std::chrono::microseconds(50)}, 1,
                      [&](const std::string& thread, const auto&) { where = thread; });
  executors.start();
  const auto net = executors.net_executors()[0];
  boost::asio::post(net, [] { throw std::runtime_error("oops"); });
  for (int turn = 0; turn < 3'000; ++turn) ASSERT_EQ(name_of_thread_behind(net), "net-0");
  EXPECT_EQ(where, "net-0");
  bool ran = false;
  boost::asio::post(net, [&ran] { ran = true; });
  executors.stop();
  EXPECT_TRUE(ran);
}

TEST(Executors, RunTheLoopOfAnotherThread) {
  const Executors executors({.idle_poll = std::chrono::microseconds(50)}, 1,
                            [](const std::string&, const std::string&) {});
  boost::asio::io_context context{1};
  int ran = 0;
  for (int count = 0; count < 3'000; ++count) boost::asio::post(context, [&ran] { ++ran; });
  executors.run_loop(context);
  EXPECT_EQ(ran, 3'000);
}

std::string cpus_behind(const boost::asio::any_io_executor& executor) {
  std::promise<std::string> cpus;
  boost::asio::post(executor, [&cpus] { cpus.set_value(CpuSet::of_this_thread().to_string()); });
  return cpus.get_future().get();
}

std::string cpus_behind_main_of(const boost::asio::any_io_executor& executor) {
  std::promise<std::string> cpus;
  boost::asio::post(executor, [&cpus] {
    std::thread([&cpus] {
      run_where_main_runs();
      cpus.set_value(CpuSet::of_this_thread().to_string());
    }).join();
  });
  return cpus.get_future().get();
}

// On a thread of its own, because start() moves the calling one; the main thread is moved back.
TEST(Executors, KeepThreadsForSocketsOnTheirProcessors) {
  std::thread([] {
    const CpuSet all = CpuSet::of_this_thread();
    const CpuSet first = CpuSet::parse(all.to_string().substr(0, all.to_string().find_first_of(",-"))).value();
    const std::string others = (all.size() == 1 ? all : all.without(first)).to_string();
    Executors executors({.threads = 2, .cpus = first, .catch_up_threads = 1}, 1,
                        [](const std::string&, const std::string&) {});
    executors.start();
    for (const auto& net : executors.net_executors()) EXPECT_EQ(cpus_behind(net), first.to_string());
    EXPECT_EQ(cpus_behind(executors.catch_up_executors()[0]), others);
    EXPECT_EQ(cpus_behind(executors.executor(ExecutorRole::disk)), others);
    EXPECT_EQ(cpus_behind(executors.executor(ExecutorRole::sched)), others);
    EXPECT_EQ(CpuSet::of_this_thread().to_string(), others);
    EXPECT_EQ(cpus_behind_main_of(executors.net_executors()[0]), others);
    std::string of_loop;
    boost::asio::io_context context{1};
    boost::asio::post(context, [&] { of_loop = CpuSet::of_this_thread().to_string(); });
    executors.run_loop(context);
    EXPECT_EQ(of_loop, first.to_string());
    all.keep_main_thread();
  }).join();
}

TEST(Executors, AThrowingHandlerIsReportedAndTheThreadGoesOn) {
  std::string where, what;
  Executors executors({}, 1, [&](const std::string& thread, const std::string& text) {
    where = thread;
    what = text;
  });
  executors.start();
  boost::asio::post(executors.net_executors()[0], [] { throw std::runtime_error("oops"); });
  EXPECT_EQ(name_of_thread_behind(executors.net_executors()[0]), "net-0");
  EXPECT_EQ(where, "net-0");
  EXPECT_EQ(what, "oops");
}

TEST(Executors, RunWhatIsReadyWhenStopped) {
  Executors executors({}, 1, [](const std::string&, const std::string&) {});
  executors.start();
  std::promise<void> release;
  boost::asio::post(executors.net_executors()[0], [gate = release.get_future().share()] { gate.wait(); });
  bool ran = false;
  boost::asio::post(executors.net_executors()[0], [&ran] { ran = true; });
  release.set_value();
  executors.stop();
  EXPECT_TRUE(ran);
}

TEST(Executors, RunWhatOneThreadPostsToAnotherWhenStopped) {
  Executors executors({}, 1, [](const std::string&, const std::string&) {});
  executors.start();
  const auto net = executors.net_executors()[0], disk = executors.executor(ExecutorRole::disk);
  std::promise<void> release;
  boost::asio::post(disk, [gate = release.get_future().share()] { gate.wait(); });
  bool ran = false;
  boost::asio::post(disk, [&] { boost::asio::post(net, [&] { boost::asio::post(disk, [&ran] { ran = true; }); }); });
  release.set_value();
  executors.stop();
  EXPECT_TRUE(ran);
}

TEST(Control, KeepsAStopAndTakesAReload) {
  Control control;
  control.request_reload();
  EXPECT_EQ(control.wait(), Control::Wish::reload);
  EXPECT_FALSE(control.stop_requested());
  control.report_fatal_fault("first");
  control.report_fatal_fault("second");
  control.request_reload();
  EXPECT_EQ(control.wait(), Control::Wish::stop);
  EXPECT_EQ(control.wait(), Control::Wish::stop);
  EXPECT_EQ(control.fatal_fault(), "first");
}

TEST(Health, AFailedProcessStaysFailedUntilItStops) {
  std::vector<std::string> seen;
  Health health([&](HealthState, const std::string& description) { seen.push_back(description); });
  health.progress("store: recovering 43 %");
  health.set(HealthState::failed, "store: fsync failed");
  health.set(HealthState::serving);
  health.progress("ignored");
  EXPECT_EQ(health.description(), "failed: store: fsync failed");
  health.set(HealthState::draining);
  EXPECT_EQ(seen,
            (std::vector<std::string>{"starting: store: recovering 43 %", "failed: store: fsync failed", "draining"}));
}

}  // namespace
}  // namespace tenon::kernel
