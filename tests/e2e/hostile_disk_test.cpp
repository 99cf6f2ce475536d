// SPDX-License-Identifier: Apache-2.0
// Disks that are read-only or full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "message_requests.hpp"
#include "private_mounts.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

namespace fs = std::filesystem;
using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using testing::AnyOf;
using testing::HasSubstr;

/// A small disk of the test's own.
class HostileDisk : public testing::Test {
 protected:
  void SetUp() override {
    static const std::string why_not = PrivateMounts::enter();
    if (!why_not.empty()) GTEST_SKIP() << "needs a mount namespace, which is refused here: " << why_not;
    std::string name = fs::temp_directory_path() / "tenon-disk-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    disk_ = name;
    ASSERT_TRUE(PrivateMounts::mount_small_disk(disk_, 40));
  }
  void TearDown() override {
    if (disk_.empty()) return;
    PrivateMounts::unmount(disk_);
    fs::remove_all(disk_);
  }
  BrokerSetup setup() const {
    BrokerSetup setup;
    setup.settings = {"broker.data_dir=" + disk_.string(),
                      "plugins.store.commit_log_file_size=4MiB",
                      "plugins.store.index=false",
                      "plugins.store.disk_max_used_ratio=0.99",
                      "plugins.store.disk_clean_forcibly_ratio=0.995",
                      "plugins.store.disk_warning_ratio=0.999",
                      "plugins.store.clean_file_forcibly=false"};
    return setup;
  }

  fs::path disk_;
};

TEST_F(HostileDisk, AReadOnlyDataDirectoryIsNamed) {
  ASSERT_TRUE(PrivateMounts::make_read_only(disk_));
  const std::string file = disk_.string() + ".toml";
  std::ofstream(file) << kStandalone;
  const CommandRun run = run_tenon({"serve", "-c", file, "--set", "broker.data_dir=" + disk_.string()});
  fs::remove(file);
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.errors, HasSubstr("data directory " + disk_.string() + " cannot be used: Read-only file system"));
}

// As a snapshot of a disk is.
TEST_F(HostileDisk, AStoreOnAReadOnlyDiskCanBeLookedInto) {
  BrokerProcess broker(setup());
  {
    RawClient client(broker.address());
    EXPECT_EQ(send_message(client, "T-full", "body").code, 0);
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
  ASSERT_TRUE(PrivateMounts::make_read_only(disk_));
  const CommandRun verified = run_tenon({"store", "verify", disk_.string()});
  EXPECT_EQ(verified.code, 0) << verified.errors;
  EXPECT_THAT(verified.output, HasSubstr("1 record in "));
  EXPECT_EQ(run_tenon({"store", "repair", disk_.string(), "--dry-run"}).code, 0);
  EXPECT_THAT(run_tenon({"store", "dump", disk_.string(), "--body"}).output, HasSubstr("\"body\""));
}

std::string body_of(std::size_t i) { return std::to_string(i) + "-" + std::string(30'000 + i * 131 % 9'000, 'b'); }

// Sends until the first refusal; returns it.
ReceivedFrame fill(RawClient& client, std::size_t& acknowledged) {
  for (acknowledged = 0; acknowledged < 5'000; ++acknowledged) {
    auto answer = send_message(client, "T-full", body_of(acknowledged));
    if (answer.code != 0) return answer;
  }
  return {};
}

void expect_readable(const HostAddress& address, std::size_t acknowledged) {
  RawClient client(address);
  const auto stored = all_messages(client, "T-full");
  ASSERT_GE(stored.size(), acknowledged);
  for (std::size_t i = 0; i < acknowledged; ++i) ASSERT_TRUE(stored[i].body == body_of(i)) << "message " << i;
}

TEST_F(HostileDisk, AFullDiskRefusesSendsNamingItAndKeepsEveryAcknowledgedMessage) {
  BrokerProcess broker(setup());
  std::size_t acknowledged = 0;
  {
    RawClient client(broker.address());
    const ReceivedFrame refusal = fill(client, acknowledged);
    EXPECT_GT(acknowledged, 200u);
    EXPECT_NE(refusal.code, -1) << "the connection lives";
    EXPECT_NE(refusal.code, 0);
    EXPECT_THAT(refusal.remark.value_or(""), AnyOf(HasSubstr("disk"), HasSubstr("No space left"))) << refusal.code;
    EXPECT_NE(send_message(client, "T-full", body_of(0)).code, 0) << "refused again, by a broker that lives";
  }
  expect_readable(broker.address(), acknowledged);
  EXPECT_EQ(broker.end(SIGKILL), 128 + SIGKILL);
  broker.start_again();
  expect_readable(broker.address(), acknowledged);
  EXPECT_EQ(broker.end(SIGTERM), 0);
  broker.start_again();
  expect_readable(broker.address(), acknowledged);
}

// What brokerStatus shows under "health", as soon as it begins with `wanted` or after 20 s.
std::string health(RawClient& client, std::string_view wanted) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    const std::string body = client.call(remoting::RequestCode::get_broker_runtime_info, {}).body;
    const std::size_t begin = body.find("\"health\":\"");
    const std::string shown =
        begin == std::string::npos ? body : body.substr(begin + 10, body.find('"', begin + 10) - begin - 10);
    if (shown.starts_with(wanted) || std::chrono::steady_clock::now() > deadline) return shown;
  }
}

TEST_F(HostileDisk, SendsGoOnWhenThereIsSpaceAgain) {
  const fs::path ballast = disk_ / "ballast";
  std::ofstream(ballast) << std::string(24 << 20, 'x');
  BrokerProcess broker(setup());
  RawClient client(broker.address());
  std::size_t acknowledged = 0;
  EXPECT_EQ(health(client, "serving"), "serving");
  EXPECT_GT(fill(client, acknowledged).code, 0);
  EXPECT_THAT(health(client, "degraded"), HasSubstr("degraded: "));
  fs::remove(ballast);
  // The store looks for space by itself; until then it goes on refusing.
  int code = -1;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (code != 0 && std::chrono::steady_clock::now() < deadline) code = send_message(client, "T-full", "again").code;
  EXPECT_EQ(code, 0);
  expect_readable(broker.address(), acknowledged);
}

}  // namespace
}  // namespace tenon::e2e
