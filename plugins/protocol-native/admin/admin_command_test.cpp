// SPDX-License-Identifier: Apache-2.0
// TENON_ADMIN_COMMAND: who may ask, and what becomes of what a command says.
#include <stdexcept>

#include "protocol-native/admin/admin_fixture.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/advertised_address.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

class SomeCommands final : public AdminCommands {
 public:
  Result<std::string> run(std::string_view name, std::string_view arguments) override {
    if (name == "echo") return std::string(arguments);
    if (name == "throw") throw std::runtime_error("no memory left");
    if (name == "refuse") return Error(Errc::illegal_operation, "not now");
    return Error(Errc::query_not_found, "nobody offers it");
  }
};

class AdminCommandTest : public AdminFixture {
 protected:
  void SetUp() override {
    AdminFixture::SetUp();
    services.admin_commands = &commands_;
  }
  static ReceivedFrame run(RawClient& client, std::string_view name, std::string_view arguments = {}) {
    return client.call(RequestCode::tenon_admin_command, {{"command", name}}, arguments);
  }

 private:
  SomeCommands commands_;
};

TEST_F(AdminCommandTest, GivesTheArgumentsAndTheResultAsTheyAre) {
  open();
  RawClient client(address());
  EXPECT_EQ(run(client, "echo", R"({"a":1})").body, R"({"a":1})");
}

TEST_F(AdminCommandTest, AnswersRefusalsAndFaults) {
  open();
  RawClient client(address());
  EXPECT_EQ(run(client, "nothing").code, 22);
  EXPECT_EQ(run(client, "refuse").remark, "not now");
  const auto fault = run(client, "throw");
  EXPECT_EQ(fault.code, 1);
  EXPECT_EQ(fault.remark, "no memory left");
  EXPECT_EQ(client.call(RequestCode::tenon_admin_command, {}).code, 29) << "without a name";
}

TEST_F(AdminCommandTest, IsTakenFromThisHostOnlyUnlessOpened) {
  const HostAddress elsewhere = HostAddress::v4({203, 0, 113, 7}, 40'000),
                    here = HostAddress::v4({127, 0, 0, 1}, 40'000);
  // Whoever asks the address that clients are told comes from it, too.
  const HostAddress also_here = advertised_address(HostAddress::v4({0, 0, 0, 0}, 40'000), "").value();
  EXPECT_TRUE(may_command(services, here));
  EXPECT_TRUE(may_command(services, also_here)) << also_here.to_string();
  EXPECT_FALSE(may_command(services, elsewhere));
  services.remote_admin_commands = true;
  EXPECT_TRUE(may_command(services, elsewhere));
}

}  // namespace
}  // namespace tenon::protocol_native
