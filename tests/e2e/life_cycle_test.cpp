// SPDX-License-Identifier: Apache-2.0
// What a service manager, a second process and a signal twice sent meet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// The service manager's end of NOTIFY_SOCKET, sd_notify(3).
class NotifySocket {
 public:
  NotifySocket() : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    std::string name = fs::temp_directory_path() / "tenon-notify-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  ~NotifySocket() {
    ::close(descriptor_);
    fs::remove_all(directory_);
  }

  std::string path() const { return directory_ / "socket"; }
  /// Datagrams up to the first that starts with `last`; an empty one at the end if none comes in time.
  std::vector<std::string> until(std::string_view last) {
    std::vector<std::string> all;
    do {
      pollfd wait{descriptor_, POLLIN, 0};
      char text[1000];
      const ssize_t length = ::poll(&wait, 1, 20'000) > 0 ? ::recv(descriptor_, text, sizeof text, 0) : 0;
      all.emplace_back(text, static_cast<std::size_t>(std::max<ssize_t>(0, length)));
    } while (!all.back().empty() && !all.back().starts_with(last));
    return all;
  }
  bool silent() const {
    pollfd wait{descriptor_, POLLIN, 0};
    return ::poll(&wait, 1, 0) == 0;
  }

 private:
  int descriptor_;
  fs::path directory_;
};

TEST(LifeCycle, TheServiceManagerIsToldEachStep) {
  NotifySocket manager;
  BrokerSetup setup;
  setup.environment = {{"NOTIFY_SOCKET", manager.path()}};
  BrokerProcess broker(setup);
  const auto started = manager.until("READY=1");
  EXPECT_EQ(started.back(), "READY=1\nSTATUS=serving");
  for (const std::string& before : started) EXPECT_THAT(before, HasSubstr("STATUS=")) << "nothing else comes before";
  broker.signal(SIGHUP);
  const auto reloaded = manager.until("READY=1");
  ASSERT_EQ(reloaded.size(), 2u);
  EXPECT_THAT(reloaded[0], testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  EXPECT_EQ(broker.end(SIGTERM), 0);
  EXPECT_THAT(manager.until("STATUS=stopped"), ElementsAre("STOPPING=1\nSTATUS=draining", "STATUS=stopped"));
}

TEST(LifeCycle, TheWatchdogIsFed) {
  NotifySocket manager;
  BrokerSetup setup;
  setup.environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", "100000"}};
  BrokerProcess broker(setup);
  manager.until("READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(manager.until("WATCHDOG=1"), ElementsAre("WATCHDOG=1"));
}

TEST(LifeCycle, AStartThatFailsIsNeverReady) {
  NotifySocket manager;
  const CommandRun run = run_tenon({"serve", "-c", "/nowhere/tenon.toml"}, {{}, {{"NOTIFY_SOCKET", manager.path()}}});
  EXPECT_EQ(run.code, 2);
  EXPECT_TRUE(manager.silent());
}

TEST(LifeCycle, AStopSaidTwiceInOneInstantIsOneOrderlyStop) {
  BrokerProcess broker;
  broker.signal(SIGTERM);
  broker.signal(SIGINT);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(LifeCycle, ASecondProcessOnTheSameDataIsRefusedAndDisturbsNothing) {
  BrokerProcess broker;
  const auto data = broker.directory() / "data";
  const CommandRun second =
      run_tenon({"serve", "-c", broker.directory() / "tenon.toml", "--set", "broker.data_dir=" + data.string()});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.errors, HasSubstr("in use by process " + std::to_string(broker.pid())));
  EXPECT_EQ(run_tenon({"produce", "-n", broker.address().to_string(), "-t", "T", "-m", "still served"}).code, 0);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

}  // namespace
}  // namespace tenon::e2e
