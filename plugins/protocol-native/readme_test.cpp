// SPDX-License-Identifier: Apache-2.0
// The table of request codes in README.md is what the handlers serve.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "protocol-native/admin/admin_fixture.hpp"
#include "protocol-native/namesrv/fake_route_table.hpp"
#include "protocol-native/testing/fake_pop.hpp"

namespace tenon::protocol_native {
namespace {

class ReadmeTest : public AdminFixture {
 protected:
  void SetUp() override {
    AdminFixture::SetUp();
    services.routes = &routes;
    services.key_values = &key_values;
    services.host = &host;
    services.pop = &pop;
  }
  FakeRouteTable routes;
  FakeKeyValues key_values;
  FakePop pop;
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
