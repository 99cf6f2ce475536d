// SPDX-License-Identifier: Apache-2.0
// The table of request codes in README.md is what the handlers serve.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "protocol-native/admin/fake_admin_broker.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

class NoRoutes final : public RouteTable {
 public:
  Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer&) override { return RegistrationAnswer{}; }
  void unregister_broker(std::string_view, std::string_view, std::int64_t, std::string_view) override {}
  std::optional<DataVersion> broker_heartbeat(std::string_view, std::string_view) override { return std::nullopt; }
  void channel_closed(const ClientChannel&) override {}
  Result<TopicRoute> route_of(std::string_view) const override { return TopicRoute{}; }
  ClusterInfo cluster_info() const override { return {}; }
  std::vector<std::string> topics(std::string_view) const override { return {}; }
  void remove_topic(std::string_view, std::string_view) override {}
  void put_topic(std::string_view, const std::vector<QueueRoute>&) override {}
  std::int32_t set_broker_writable(std::string_view, bool) override { return 0; }
};

class NoKeyValues final : public KeyValueConfig {
 public:
  Status put(std::string_view, std::string_view, std::string_view) override { return {}; }
  Status remove(std::string_view, std::string_view) override { return {}; }
  std::optional<std::string> find(std::string_view, std::string_view) const override { return std::nullopt; }
  std::optional<Table> table(std::string_view) const override { return std::nullopt; }
};

class ReadmeTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    services.identity = &identity;
    services.topics = &topics;
    services.groups = &groups;
    services.store = &store;
    services.statistics = &statistics;
    services.routes = &routes;
    services.key_values = &key_values;
    services.host = &host;
  }
  FakeIdentity identity;
  FakeTopics topics;
  FakeGroups groups;
  TenMessageStore store;
  FakeStatistics statistics;
  NoRoutes routes;
  NoKeyValues key_values;
};

TEST_F(ReadmeTest, ListsExactlyTheCodesThatWork) {
  std::ifstream readme(TENON_NATIVE_README);
  ASSERT_TRUE(readme);
  const std::regex row(R"(\| (\d+) \| `(\w+)` \|)");
  std::set<std::int32_t> listed;
  for (std::string line; std::getline(readme, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    listed.insert(std::stoi(match[1]));
    EXPECT_EQ(remoting::request_code_name(std::stoi(match[1])), match[2].str());
  }
  HandlerTable table;
  register_all_handlers(table, services);
  std::set<std::int32_t> served;
  for (std::int32_t code = 0; code < 300'000; ++code) {
    if (table.find(code) != nullptr) served.insert(code);
  }
  // Known, and refused without a transaction or a delay plug-in.
  using remoting::RequestCode;
  for (const RequestCode code :
       {RequestCode::end_transaction, RequestCode::resume_check_half_message, RequestCode::recall_message,
        RequestCode::get_all_delay_offset, RequestCode::get_timer_check_point, RequestCode::get_timer_metrics}) {
    served.erase(static_cast<std::int32_t>(code));
  }
  EXPECT_EQ(served, listed);
}

}  // namespace
}  // namespace tenon::protocol_native
