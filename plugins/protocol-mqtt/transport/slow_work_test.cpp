// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/slow_work.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>
#include <thread>

namespace tenon::protocol_mqtt {
namespace {

struct Scene {
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
  SlowWork slow{io.get_executor(), 1, 2};
  int done = 0;

  void until_done(int count) {
    while (done < count) io.run_one();
  }
};

TEST(MqttSlowWork, RunsElsewhereAndComesHome) {
  Scene scene;
  std::thread::id worked_on, done_on;
  ASSERT_TRUE(scene.slow.give([&] { worked_on = std::this_thread::get_id(); },
                              [&] {
                                done_on = std::this_thread::get_id();
                                ++scene.done;
                              }));
  scene.until_done(1);
  EXPECT_NE(worked_on, std::this_thread::get_id());
  EXPECT_EQ(done_on, std::this_thread::get_id());
}

TEST(MqttSlowWork, RefusesWhatIsTooMuch) {
  Scene scene;
  std::promise<void> begun, go;
  const auto count = [&] { ++scene.done; };
  ASSERT_TRUE(scene.slow.give(
      [&] {
        begun.set_value();
        go.get_future().wait();
      },
      count));
  begun.get_future().wait();
  EXPECT_TRUE(scene.slow.give([] {}, count));
  EXPECT_TRUE(scene.slow.give([] {}, count));
  EXPECT_FALSE(scene.slow.give([] {}, count));
  go.set_value();
  scene.until_done(3);
}

TEST(MqttSlowWork, WorkThatThrowsIsDone) {
  Scene scene;
  ASSERT_TRUE(scene.slow.give([] { throw std::runtime_error("x"); }, [&] { ++scene.done; }));
  scene.until_done(1);
}

TEST(MqttSlowWork, NothingBeginsAfterTheStop) {
  Scene scene;
  scene.slow.stop();
  EXPECT_FALSE(scene.slow.give([] {}, [] {}));
}

}  // namespace
}  // namespace tenon::protocol_mqtt
