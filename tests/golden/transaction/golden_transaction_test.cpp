// SPDX-License-Identifier: Apache-2.0
// A store that a Java broker left with three transactions open: Tenon asks their producer group and delivers what it
// commits. Source: ../shared/golden/store/README.md, case `transaction`.
#include <gmock/gmock.h>

#include "served_store.hpp"
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
};

TEST_P(GoldenTransactionTest, OpenOnesAreAskedAboutAndDelivered) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  golden::serve_instead(broker, std::string("transaction-") + GetParam());
  RawClient client(broker.address());
  const std::size_t before = golden::all_of(client, "Trans", 2).size();
  EXPECT_GT(before, 10u);
  register_producer(client, "p-trans");
  const auto commit = [](const std::string&) { return kCommit; };
  EXPECT_EQ(answer_checks(client, 3, commit, "p-trans").size(), 3u);
  const auto status = client.call(remoting::RequestCode::get_broker_runtime_info, {});
  EXPECT_THAT(status.body, ::testing::HasSubstr(R"("transactionHalfMessages":"0")"))
      << "the others have ended long ago";
  const auto after = golden::all_of(client, "Trans", 2);
  EXPECT_EQ(after.size(), before + 3);
  EXPECT_EQ(golden::unique_keys_of(after).size(), after.size()) << "each once";
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.param[0] == '5' ? "V5_4_0" : "V4_9_7";
}
INSTANTIATE_TEST_SUITE_P(Java, GoldenTransactionTest, ::testing::Values("5.4.0", "4.9.7"), name_of);

}  // namespace
}  // namespace tenon::e2e
