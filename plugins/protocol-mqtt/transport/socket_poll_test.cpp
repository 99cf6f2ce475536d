// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/socket_poll.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <utility>
#include <vector>

namespace tenon::protocol_mqtt {
namespace {

/// A watched end of a pair of sockets, and the other end.
struct Pipe final : SocketPoll::Watched {
  Pipe() { ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends); }
  ~Pipe() override {
    for (const int end : ends) ::close(end);
  }
  void readable() override {
    ++readable_count;
    if (on_readable) on_readable();
  }
  void writable_now() override { ++writable_count; }
  void say(char letter) const { ASSERT_EQ(::write(ends[1], &letter, 1), 1); }
  void fill() const {
    const char bytes[4096] = {};
    while (::write(ends[0], bytes, sizeof bytes) > 0) {
    }
  }
  void empty(int end) const {
    char bytes[4096];
    while (::read(ends[end], bytes, sizeof bytes) > 0) {
    }
  }

  int ends[2] = {-1, -1};
  int readable_count = 0, writable_count = 0;
  std::function<void()> on_readable;
};

struct PollScene {
  boost::asio::io_context io;
  SocketPoll poll{io.get_executor()};
  int batches = 0;
  PollScene() {
    poll.run([this](const auto& work) {
      ++batches;
      work();
    });
  }
  /// Everything that is ready now, until nothing is; a spinning poll is noticed.
  void settle() {
    for (int i = 0; i < 20 && io.poll() > 0; ++i) io.restart();
  }
};

TEST(MqttSocketPoll, TellsOnceForEachWish) {
  PollScene scene;
  Pipe pipe;
  ASSERT_TRUE(scene.poll.add(pipe.ends[0], pipe));
  scene.poll.want_readable(pipe);
  scene.settle();
  EXPECT_EQ(pipe.readable_count, 0);
  pipe.say('a');
  scene.settle();
  EXPECT_EQ(pipe.readable_count, 1);
  EXPECT_LT(scene.batches, 5) << "what nobody wants to know is not told again and again";
  scene.poll.want_readable(pipe);
  scene.settle();
  EXPECT_EQ(pipe.readable_count, 2) << "it is still there";
}

TEST(MqttSocketPoll, TellsWhenThereIsRoom) {
  PollScene scene;
  Pipe pipe;
  ASSERT_TRUE(scene.poll.add(pipe.ends[0], pipe));
  pipe.fill();
  scene.poll.want_writable(pipe);
  scene.settle();
  EXPECT_EQ(pipe.writable_count, 0);
  pipe.empty(1);
  scene.settle();
  EXPECT_EQ(pipe.writable_count, 1);
}

TEST(MqttSocketPoll, ABrokenOneThatNobodyAsksAboutDoesNotSpin) {
  PollScene scene;
  Pipe pipe;
  ASSERT_TRUE(scene.poll.add(pipe.ends[0], pipe));
  ::close(std::exchange(pipe.ends[1], -1));
  scene.settle();
  EXPECT_LT(scene.batches, 5);
  EXPECT_EQ(pipe.readable_count, 0);
  scene.poll.want_readable(pipe);
  scene.settle();
  EXPECT_EQ(pipe.readable_count, 1) << "told when somebody asks";
}

TEST(MqttSocketPoll, OneThatIsRemovedInTheSameBatchIsNotTold) {
  PollScene scene;
  Pipe first, second;
  for (Pipe* pipe : {&first, &second}) {
    ASSERT_TRUE(scene.poll.add(pipe->ends[0], *pipe));
    scene.poll.want_readable(*pipe);
    pipe->say('x');
  }
  first.on_readable = [&] { scene.poll.remove(second); };
  second.on_readable = [&] { scene.poll.remove(first); };
  scene.settle();
  EXPECT_EQ(first.readable_count + second.readable_count, 1);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
