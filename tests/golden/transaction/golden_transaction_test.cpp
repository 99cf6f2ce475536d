// SPDX-License-Identifier: Apache-2.0
// A store that a Java broker left with three transactions open: Tenon asks their producer group and delivers what it
// commits. Source: ../shared/golden/store/README.md, case `transaction`.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "broker_process.hpp"
#include "golden_directory.hpp"
#include "message_requests.hpp"
#include "tenon/properties.hpp"
#include "transaction_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

class GoldenTransactionTest : public ::testing::TestWithParam<const char*> {
 protected:
  static BrokerSetup setup() {
    BrokerSetup setup;
    setup.config = kWithTransactions;
    setup.settings = {"broker.cluster=golden",
                      "plugins.store.commit_log_file_size=1MiB",
                      "plugins.store.consume_queue_file_entries=100",
                      "plugins.store.index_slots=100",
                      "plugins.store.index_entries=400",
                      "plugins.store.file_reserved_time=876000h",
                      "plugins.transaction.age_max=200000h"};
    return setup;
  }
  static void unpack(const BrokerProcess& broker) {
    const auto archive = golden::directory() / "store" / (std::string("transaction-") + GetParam() + ".tar.zst");
    std::filesystem::remove_all(broker.directory() / "data");
    std::filesystem::create_directory(broker.directory() / "data");
    const std::string command = "tar --zstd --strip-components=1 -xf '" + archive.string() + "' -C '" +
                                (broker.directory() / "data").string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static std::vector<PulledMessage> delivered(RawClient& client) {
    auto all = all_messages(client, "Trans", "0");
    const auto more = all_messages(client, "Trans", "1");
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_P(GoldenTransactionTest, OpenOnesAreAskedAboutAndDelivered) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  ASSERT_EQ(broker.end(SIGTERM), 0);
  unpack(broker);
  broker.start_again();
  RawClient client(broker.address());
  const std::size_t before = delivered(client).size();
  EXPECT_GT(before, 10u);
  register_producer(client, "p-trans");
  const auto commit = [](const std::string&) { return kCommit; };
  EXPECT_EQ(answer_checks(client, 3, commit, "p-trans").size(), 3u);
  const auto status = client.call(remoting::RequestCode::get_broker_runtime_info, {});
  EXPECT_THAT(status.body, ::testing::HasSubstr(R"("transactionHalfMessages":"0")"))
      << "the others have ended long ago";
  const auto after = delivered(client);
  EXPECT_EQ(after.size(), before + 3);
  std::set<std::string> all;
  for (const PulledMessage& message : after) {
    all.insert(std::string(PropertiesView(message.properties).find(property::unique_key).value_or("")));
  }
  EXPECT_EQ(all.size(), after.size()) << "each once";
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.param[0] == '5' ? "V5_4_0" : "V4_9_7";
}
INSTANTIATE_TEST_SUITE_P(Java, GoldenTransactionTest, ::testing::Values("5.4.0", "4.9.7"), name_of);

}  // namespace
}  // namespace tenon::e2e
