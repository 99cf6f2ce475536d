// SPDX-License-Identifier: Apache-2.0
// SEND_REPLY_MESSAGE: the answer of a request-reply pair. It is pushed to the waiting producer and stored in the reply
// topic; the sender learns whether the push arrived (broker-semantics.md 3.9).
#include <boost/asio/dispatch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "protocol-native/client/families.hpp"
#include "protocol-native/client/send_request.hpp"
#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "protocol-native/request.hpp"
#include "protocol-native/send_answer.hpp"
#include "tenon/properties.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

/// Collects the two outcomes, both on the thread that the replying connection had, and answers when it has them.
class ReplyOutcome final : public PublishCompletion, public std::enable_shared_from_this<ReplyOutcome> {
 public:
  ReplyOutcome(const Request& request, std::string_view unique_key, std::int32_t queue_id)
      : connection_(request.connection()),
        executor_(connection_->executor()),
        opaque_(request.opaque()),
        oneway_(request.is_oneway()),
        unique_key_(unique_key),
        queue_id_(queue_id) {}

  void published(std::uint64_t, const Result<PublishReceipt>& outcome) noexcept override {
    stored_ = outcome;
    answer_if_complete();
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

  void pushed(const Status& status) {
    boost::asio::dispatch(executor(), [self = shared_from_this(), status] {
      self->pushed_ = status;
      self->answer_if_complete();
    });
  }

 private:
  void answer_if_complete() {
    if (!stored_ || !pushed_ || oneway_ || !connection_->is_open()) return;
    Answer answer;
    if (!*pushed_) answer = Answer(remoting::ResponseCode::system_error, pushed_->error().message());
    const bool stored = stored_->has_value();
    const std::int32_t queue_id = stored ? (*stored_)->queue_id : queue_id_;
    const TraceFields& traces = connection_->loop().server().services.traces;
    const std::int64_t offset = stored ? (*stored_)->append.queue_offset.value : 0;
    answer.fields = {{"queueId", std::to_string(queue_id)},
                     {"msgId", stored ? message_id_of(**stored_) : "0"},
                     {"queueOffset", std::to_string(offset)},
                     {"MSG_REGION", traces.region},
                     {"TRACE_ON", traces.trace_on ? "true" : "false"}};
    if (!unique_key_.empty()) answer.fields.emplace_back("transactionId", unique_key_);
    connection_->on_own_thread([connection = connection_.get(), opaque = opaque_, answer = std::move(answer)] {
      connection->write_answer(opaque, answer);
    });
  }

  std::shared_ptr<Connection> connection_;
  const boost::asio::any_io_executor executor_;
  std::int32_t opaque_;
  bool oneway_;
  std::string unique_key_;
  std::int32_t queue_id_;
  std::optional<Result<PublishReceipt>> stored_;
  std::optional<Status> pushed_;
};

void push(const Request& request, const PublishRequest& publish, const std::shared_ptr<ReplyOutcome>& outcome) {
  const auto client_id = PropertiesView(publish.message.properties).find(property::reply_to_client);
  if (!client_id) {
    return outcome->pushed(Error(Errc::invalid_parameter, "push reply message fail, REPLY_TO_CLIENT is missing"));
  }
  const auto channel = request.services().clients->producer_channel(*client_id);
  if (!channel) {
    return outcome->pushed(
        Error(Errc::disconnected, text("push reply message fail, channel of <", *client_id, "> not found.")));
  }
  const std::int64_t now = request.services().host->now_ms();
  std::string properties(publish.message.properties);
  append_property(properties, property::push_reply_time, std::to_string(now));
  ReplyPush reply;
  reply.producer_group = publish.producer_group;
  reply.message = publish.message;
  reply.message.properties = properties;
  reply.store_timestamp_ms = now;
  if (request.services().identity != nullptr)
    reply.message.store_host = request.services().identity->advertised_address();
  channel->push_reply(reply, [outcome](const Status& status) { outcome->pushed(status); });
}

void send_reply_message(Request& request) {
  const auto fields = remoting::decode_send_fields(request.command());
  if (!fields) return request.fail(fields.error());
  const PublishRequest publish = publish_request_of(request, *fields);
  const auto unique_key = PropertiesView(fields->properties).find(property::unique_key);
  const auto outcome = std::make_shared<ReplyOutcome>(request, unique_key.value_or(""), fields->queue_id);
  push(request, publish, outcome);
  request.services().publishing->publish(publish, outcome, 0);
}

}  // namespace

void register_reply_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.publishing == nullptr || services.clients == nullptr) return;
  table.add(RequestCode::send_reply_message, send_reply_message);
  table.add(RequestCode::send_reply_message_v2, send_reply_message);
}

}  // namespace tenon::protocol_native
