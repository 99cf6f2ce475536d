// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/slow_work.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>
#include <thread>

namespace tenon::protocol_mqtt {
namespace {

constexpr auto kHandshake = SlowWork::Kind::handshake;
constexpr auto kPassword = SlowWork::Kind::password;

struct WorkScene {
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
  SlowWork slow{io.get_executor(), 1, 2};
  int done = 0;

  void until_done(int count) {
    while (done < count) io.run_one();
  }
};

TEST(MqttSlowWork, RunsElsewhereAndComesHome) {
  WorkScene scene;
  std::thread::id worked_on, done_on;
  ASSERT_TRUE(scene.slow.give(
      kPassword, [&] { worked_on = std::this_thread::get_id(); },
      [&] {
        done_on = std::this_thread::get_id();
        ++scene.done;
      }));
  scene.until_done(1);
  EXPECT_NE(worked_on, std::this_thread::get_id());
  EXPECT_EQ(done_on, std::this_thread::get_id());
}

TEST(MqttSlowWork, RunsWhereTheMainThreadRunsWhoeverGivesIt) {
  cpu_set_t all, where;
  ASSERT_EQ(sched_getaffinity(getpid(), sizeof all, &all), 0);
  WorkScene scene;
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    ASSERT_TRUE(scene.slow.give(
        kPassword, [&] { sched_getaffinity(0, sizeof where, &where); }, [&] { ++scene.done; }));
  }).join();
  scene.until_done(1);
  EXPECT_TRUE(CPU_EQUAL(&where, &all));
}

TEST(MqttSlowWork, RefusesWhatIsTooMuch) {
  WorkScene scene;
  std::promise<void> begun, go;
  const auto count = [&] { ++scene.done; };
  ASSERT_TRUE(scene.slow.give(
      kPassword,
      [&] {
        begun.set_value();
        go.get_future().wait();
      },
      count));
  begun.get_future().wait();
  EXPECT_TRUE(scene.slow.give(
      kPassword, [] {}, count));
  EXPECT_TRUE(scene.slow.give(
      kPassword, [] {}, count));
  EXPECT_FALSE(scene.slow.give(
      kPassword, [] {}, count));
  go.set_value();
  scene.until_done(3);
}

/// In which order both kinds are worked on when one of `first` has just been, and three of it and two others wait.
std::string order_after(SlowWork::Kind first) {
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  SlowWork slow(io.get_executor(), 1, 100);
  std::promise<void> begun, go;
  std::string order;  // written by one thread of it, read when that has ended
  const auto note = [&order](SlowWork::Kind kind) {
    return [&order, kind] { order += kind == kHandshake ? 'h' : 'p'; };
  };
  EXPECT_TRUE(slow.give(
      first,
      [&] {
        begun.set_value();
        go.get_future().wait();
      },
      [] {}));
  begun.get_future().wait();
  const SlowWork::Kind other = first == kHandshake ? kPassword : kHandshake;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(slow.give(first, note(first), [] {}));
  EXPECT_TRUE(slow.give(other, note(other), [] {}));
  EXPECT_TRUE(slow.give(other, note(other), [] {}));
  go.set_value();
  std::promise<void> all;
  EXPECT_TRUE(slow.give(
      first, [&] { all.set_value(); }, [] {}));
  all.get_future().wait();
  slow.stop();
  return order;
}

TEST(MqttSlowWork, NoKindKeepsTheOtherWaiting) {
  EXPECT_EQ(order_after(kPassword).front(), 'h');
  EXPECT_EQ(order_after(kHandshake).front(), 'p');
}

TEST(MqttSlowWork, WorkThatThrowsIsDone) {
  WorkScene scene;
  ASSERT_TRUE(scene.slow.give(
      kPassword, [] { throw std::runtime_error("x"); }, [&] { ++scene.done; }));
  scene.until_done(1);
}

/// As the hub does each second, should a post have found no memory.
TEST(MqttSlowWork, WhatIsDoneCanBeToldWithoutAPost) {
  WorkScene scene;
  ASSERT_TRUE(scene.slow.give(
      kPassword, [] {}, [&] { ++scene.done; }));
  while (scene.done == 0) {
    scene.slow.tell_done();
    std::this_thread::yield();
  }
  scene.slow.stop();  // it has posted all the same by then
  EXPECT_EQ(scene.io.poll(), 1U);
  EXPECT_EQ(scene.done, 1);
}

TEST(MqttSlowWork, NothingBeginsAfterTheStop) {
  WorkScene scene;
  scene.slow.stop();
  EXPECT_FALSE(scene.slow.give(
      kPassword, [] {}, [] {}));
}

}  // namespace
}  // namespace tenon::protocol_mqtt
