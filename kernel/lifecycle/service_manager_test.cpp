// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/service_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace tenon::kernel {
namespace {

using testing::StartsWith;

class NotifyListener {
 public:
  NotifyListener()
      : name_("@tenon-test-" + std::to_string(getpid())), descriptor_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size())),
              0);
  }
  ~NotifyListener() { close(descriptor_); }

  const std::string& name() const { return name_; }
  // What was sent is there when the sender returns: a datagram on this machine.
  std::string receive() const {
    char buffer[512];
    const ssize_t size = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
    return size < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(size));
  }

 private:
  std::string name_;
  int descriptor_;
};

TEST(ServiceManager, SaysWhatHappens) {
  const NotifyListener listener;
  const ServiceManager manager(listener.name());
  manager.status("starting: store: recovering 43 %");
  EXPECT_EQ(listener.receive(), "STATUS=starting: store: recovering 43 %");
  manager.ready("serving");
  EXPECT_EQ(listener.receive(), "READY=1\nSTATUS=serving");
  manager.stopping("two\nlines");
  EXPECT_EQ(listener.receive(), "STOPPING=1\nSTATUS=two lines");
  manager.reloading();
  EXPECT_THAT(listener.receive(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  manager.alive();
  EXPECT_EQ(listener.receive(), "WATCHDOG=1");
}

TEST(ServiceManager, IsQuietWhenNobodyListens) {
  ServiceManager("").ready("serving");
  ServiceManager("/nowhere/socket").ready("serving");
}

TEST(Watchdog, IsFedTwiceAsOftenAsAskedIfItIsForUs) {
  using std::chrono::microseconds;
  EXPECT_EQ(watchdog_interval("30000000", nullptr, 7), microseconds(15'000'000));
  EXPECT_EQ(watchdog_interval("30000000", "7", 7), microseconds(15'000'000));
  EXPECT_EQ(watchdog_interval("30000000", "8", 7), microseconds(0));
  EXPECT_EQ(watchdog_interval(nullptr, nullptr, 7), microseconds(0));
  EXPECT_EQ(watchdog_interval("nonsense", nullptr, 7), microseconds(0));
}

}  // namespace
}  // namespace tenon::kernel
