// SPDX-License-Identifier: Apache-2.0
// Consumers that read from the disk while others send: what they get is whole, in order, and theirs, also where their
// connections move to a thread aside and home again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

constexpr std::array<std::string_view, 2> kQueues{"0", "1"};
/// Several times the distance.
constexpr std::int64_t kMessages = 12'000;
constexpr std::size_t kBodyBytes = 4'000;

std::string body_of(std::string_view queue, std::int64_t offset) {
  std::string body = "queue " + std::string(queue) + " offset " + std::to_string(offset) + " ";
  body.resize(kBodyBytes, static_cast<char>('a' + offset % 26));
  return body;
}

/// The operating system has none of these files in memory afterwards, where the file system has a disk.
void forget_files(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

/// What a thread of this name has used of a processor.
std::int64_t nanoseconds_run(pid_t process, std::string_view thread) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    std::int64_t run = 0;
    if (name == thread && std::ifstream(task.path() / "schedstat") >> run) return run;
  }
  return 0;
}

/// How many messages it has; from `offset` on.
std::int64_t expect_in_order(const std::vector<PulledMessage>& messages, std::string_view queue, std::int64_t offset) {
  for (const PulledMessage& message : messages) {
    EXPECT_EQ(message.queue_offset, offset);
    EXPECT_TRUE(message.body == body_of(queue, offset)) << "queue " << queue << " offset " << offset;
    ++offset;
  }
  return static_cast<std::int64_t>(messages.size());
}

/// One connection that has pulls of both queues on their way at a time, and sends.
void read_both_and_send(const HostAddress& address) {
  RawClient client(address);
  std::array<std::int64_t, kQueues.size()> next{};
  while (next[0] < kMessages || next[1] < kMessages) {
    std::array<std::int32_t, kQueues.size()> opaques{};
    for (std::size_t index = 0; index < kQueues.size(); ++index) {
      const std::string offset = std::to_string(next[index]);
      opaques[index] = client.send(remoting::RequestCode::pull_message,
                                   fields_of(protocol_native::SamplePull{
                                       .topic = "T-cold", .group = "both", .queue = kQueues[index], .offset = offset}));
    }
    EXPECT_EQ(send_message(client, "T-hot", "new").code, 0);
    for (std::size_t index = 0; index < kQueues.size(); ++index) {
      const auto answer = client.next_answer(opaques[index]);
      ASSERT_TRUE(answer);
      if (next[index] == kMessages) continue;
      ASSERT_EQ(answer->remark, "FOUND") << "queue " << kQueues[index] << " offset " << next[index];
      next[index] += expect_in_order(messages_of(*answer), kQueues[index], next[index]);
    }
  }
}

class ColdReads : public ::testing::TestWithParam<const char*> {};

TEST_P(ColdReads, ComeWholeAndInOrder) {
  BrokerProcess broker(
      {.settings = {"plugins.store.type=" + std::string(GetParam()), "plugins.native.catch_up_distance=16MiB"}});
  {
    RawClient client(broker.address());
    for (std::int64_t offset = 0; offset < kMessages; ++offset) {
      for (const std::string_view queue : kQueues)
        ASSERT_EQ(send_message(client, "T-cold", body_of(queue, offset), queue).code, 0);
    }
  }
  ASSERT_EQ(broker.end(SIGTERM), 0);
  forget_files(broker.directory() / "data");
  broker.start_again();
  std::thread both([&] { read_both_and_send(broker.address()); });
  std::array<std::thread, kQueues.size()> readers;
  for (std::size_t index = 0; index < kQueues.size(); ++index) {
    readers[index] = std::thread([&broker, queue = kQueues[index]] {
      RawClient client(broker.address());
      EXPECT_EQ(expect_in_order(all_messages(client, "T-cold", queue), queue, 0), kMessages);
    });
  }
  for (std::thread& reader : readers) reader.join();
  both.join();
  EXPECT_GT(nanoseconds_run(broker.pid(), "catch-up-0"), 1'000'000) << "nobody was served aside";
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, ColdReads, ::testing::Values("store-mmap", "store-sendfile"),
                         [](const auto& engine) { return std::string(engine.param).substr(6); });

}  // namespace
}  // namespace tenon::e2e
