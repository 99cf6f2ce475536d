// SPDX-License-Identifier: Apache-2.0
// CONSUMER_SEND_MSG_BACK: a consumer gives a message back to be tried again.
#include <memory>

#include "protocol-native/client/families.hpp"
#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "protocol-native/request.hpp"
#include "remoting/mq_version.hpp"

namespace tenon::protocol_native {
namespace {

/// Waits for the copy in the retry topic to be stored.
class SendBackOutcome final : public PublishCompletion {
 public:
  SendBackOutcome(DeferredAnswer answer, boost::asio::any_io_executor executor)
      : answer_(std::move(answer)), executor_(std::move(executor)) {}

  void published(std::uint64_t, const Result<PublishReceipt>& outcome) noexcept override {
    if (!outcome) return answer_.error(outcome.error());
    // Stored but not confirmed is an error here, as in RocketMQ: the client sends the message again.
    if (outcome->degraded) return answer_(Answer(remoting::ResponseCode::system_error, outcome->degraded.message()));
    answer_.success();
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

 private:
  DeferredAnswer answer_;
  boost::asio::any_io_executor executor_;
};

void consumer_send_msg_back(Request& request) {
  SendBackRequest back;
  back.physical_offset = {request.require_int64("offset")};
  back.group = request.require_text("group");
  back.origin_message_id = request.text("originMsgId");
  back.delay_level = request.require_int32("delayLevel");
  back.unit_mode = request.boolean_or("unitMode", false);
  if (request.version() >= remoting::mq_version::v3_4_9) {
    back.max_reconsume_times = request.int32_or("maxReconsumeTimes", -1);
  }
  const auto outcome = std::make_shared<SendBackOutcome>(request.defer(), request.connection()->executor());
  request.services().publishing->send_back(back, outcome, 0);
}

}  // namespace

void register_send_back_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.publishing == nullptr) return;
  table.add(remoting::RequestCode::consumer_send_msg_back, consumer_send_msg_back);
}

}  // namespace tenon::protocol_native
