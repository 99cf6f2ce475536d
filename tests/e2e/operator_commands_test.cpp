// SPDX-License-Identifier: Apache-2.0
// Commands for operators against brokers that answer what a test wants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "client/fake_server.hpp"
#include "command_run.hpp"
#include "remoting/request_code.hpp"
#include "remoting/response_code.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using client::Reply;
using remoting::RequestCode;
using remoting::ResponseCode;
using testing::HasSubstr;

/// Everything is consumed, no transaction is open; of delayed messages it only says why it does not say.
class EmptyBroker {
 public:
  explicit EmptyBroker(ResponseCode about_delayed) : about_delayed_(static_cast<std::int32_t>(about_delayed)) {}

  CommandRun drain(const std::string& how) {
    return run_tenon({"ha", "drain", "-b", server_.address(), "--timeout", "0", how});
  }
  bool has_left() const { return left_; }
  bool was_asked() const { return asked_; }
  std::string address() const { return server_.address(); }

 private:
  Reply answer(const Reply& request) {
    switch (static_cast<RequestCode>(request.code)) {
      case RequestCode::tenon_admin_command:
        left_ = left_ || request.body.find("leave") != std::string::npos;
        return client::success({}, left_ ? R"({"unconsumed":0,"left":true})" : R"({"unconsumed":0,"left":false})");
      case RequestCode::get_all_delay_offset:
        asked_ = true;
        return client::refusal(about_delayed_, "not now");
      default:
        return client::success({{"offset", "0"}});
    }
  }

  const std::int32_t about_delayed_;
  std::atomic<bool> left_{false}, asked_{false};
  client::FakeServer server_{[this](const Reply& request) { return answer(request); }};
};

TEST(DrainCommand, ABrokerThatCannotSayWhatItHasDoesNotLeave) {
  EmptyBroker busy(ResponseCode::system_busy);
  const CommandRun ended = busy.drain("--everything");
  EXPECT_EQ(ended.code, 1) << ended.output;
  EXPECT_THAT(ended.errors, HasSubstr("more may wait here"));
  EXPECT_FALSE(busy.has_left());
  EXPECT_EQ(busy.drain("--now").code, 0) << "nobody asked for more";
  EXPECT_TRUE(busy.has_left());
}

TEST(DrainCommand, OneWithoutThePluginHasNothing) {
  EmptyBroker lacking(ResponseCode::request_code_not_supported);
  const CommandRun ended = lacking.drain("--everything");
  EXPECT_EQ(ended.code, 0) << ended.errors;
  EXPECT_TRUE(lacking.has_left());
}

TEST(DelayCommand, OneBrokerThatFailsKeepsNoOtherFromBeingAsked) {
  EmptyBroker first(ResponseCode::system_busy), second(ResponseCode::system_busy);
  const auto entry = [](const char* name, const EmptyBroker& broker) {
    return text('"', name, R"(":{"brokerAddrs":{0:")", broker.address(), R"("},"brokerName":")", name,
                R"(","cluster":"C"})");
  };
  const std::string brokers = text(R"({"brokerAddrTable":{)", entry("a", first), ',', entry("b", second), "}}");
  const client::FakeServer name_server([&](const Reply&) { return client::success({}, brokers); });
  EXPECT_EQ(run_tenon({"delay", "list", "-n", name_server.address()}).code, 1);
  EXPECT_TRUE(first.was_asked());
  EXPECT_TRUE(second.was_asked());
}

TEST(HaStatusCommand, ASlaveWithoutAMasterSaysSo) {
  const client::FakeServer slave([](const Reply&) {
    return client::success({}, R"({"isMaster":false,"brokerId":1,"master":{"connected":false,"address":""}})");
  });
  const CommandRun shown = run_tenon({"ha", "status", "-b", slave.address()});
  EXPECT_THAT(shown.output, HasSubstr("knows no master yet")) << shown.errors;
}

TEST(HaStatusCommand, SaysWhatKeepsABrokerFromServing) {
  std::string body;
  const client::FakeServer broker([&](const Reply&) { return client::success({}, body); });
  const auto shown = [&](std::string_view more) {
    body = text(R"({"isMaster":true,"brokerId":0,)", more, "}");
    return run_tenon({"ha", "status", "-b", broker.address()}).output;
  };
  EXPECT_THAT(shown(R"("health":"failed: store: no space")"), HasSubstr("\n  failed: store: no space\n"));
  EXPECT_THAT(shown(R"("health":"degraded: ha: x","consumersWaitBecause":"y")"), HasSubstr("\n  degraded: ha: x\n"));
  EXPECT_THAT(shown(R"("health":"serving")"), ::testing::Not(HasSubstr("serving")));
  EXPECT_THAT(shown(R"("consumersWaitBecause":"no slave follows")"),
              HasSubstr("\n  consumers wait: no slave follows\n"))
      << "an earlier Tenon";
}

TEST(ConsumeCommand, ABrokerThatIsAwayIsNamedOnceNotAtEachAttempt) {
  const char* const route = R"({"brokerDatas":[{"brokerAddrs":{0:"127.0.0.1:1"},"brokerName":"a","cluster":"C"}],)"
                            R"("queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":8,"writeQueueNums":8}]})";
  const client::FakeServer name_server([&](const Reply&) { return client::success({}, route); });
  const CommandRun ended = run_tenon({"consume", "-n", name_server.address(), "-t", "T", "-c", "1", "--timeout", "1"});
  EXPECT_EQ(ended.code, 1);
  const std::size_t first = ended.errors.find("127.0.0.1:1: Connection refused");
  ASSERT_NE(first, std::string::npos) << ended.errors;
  EXPECT_EQ(ended.errors.find("Connection refused", first + 30), std::string::npos) << ended.errors;
}

}  // namespace
}  // namespace tenon::e2e
