// SPDX-License-Identifier: Apache-2.0
// What the kernel and the handlers of other connections do with a connection: the requests that go to its client.
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "remoting/command_writer.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::CommandWriter;
using remoting::HeaderType;
using remoting::RequestCode;

constexpr std::chrono::seconds kReplyTimeout{10};

ClientRequest reply_request(const ReplyPush& reply) {
  const Message& message = reply.message;
  const auto code = static_cast<std::int32_t>(RequestCode::push_reply_message_to_client);
  Fields fields{{"producerGroup", std::string(reply.producer_group)},
                {"topic", std::string(message.topic)},
                {"defaultTopic", "TBW102"},
                {"defaultTopicQueueNums", "4"},
                {"queueId", std::to_string(message.queue_id)},
                {"sysFlag", std::to_string(message.sys_flag)},
                {"bornTimestamp", std::to_string(message.born_timestamp_ms)},
                {"flag", std::to_string(message.flag)},
                {"properties", std::string(message.properties)},
                {"reconsumeTimes", std::to_string(message.reconsume_times)},
                {"unitMode", "false"},
                {"bornHost", message.born_host.to_string()},
                {"storeHost", message.store_host.to_string()},
                {"storeTimestamp", std::to_string(reply.store_timestamp_ms)}};
  return {code, std::move(fields),
          std::string(reinterpret_cast<const char*>(message.body.data()), message.body.size())};
}

Status as_status(const Result<Answer>& answer) {
  if (!answer) return answer.error();
  if (answer->code == 0) return {};
  return Error(Errc::internal, text("the client refused the reply with code ", answer->code, ": ", answer->remark));
}

}  // namespace

void Connection::notify_consumer_ids_changed(std::string_view consumer_group) {
  if (!is_open()) return;
  boost::asio::dispatch(executor(), [self = shared_from_this(), group = std::string(consumer_group)] {
    const auto code = static_cast<std::int32_t>(RequestCode::notify_consumer_ids_changed);
    self->write_request(ClientRequest(code, {{"consumerGroup", group}}), {}, {});
  });
}

void Connection::push_reply(const ReplyPush& reply, Answered answered) {
  call_client(shared_from_this(), reply_request(reply), kReplyTimeout,
              [answered = std::move(answered)](const Result<Answer>& answer) { answered(as_status(answer)); });
}

void Connection::close() {
  if (!is_open()) return;
  boost::asio::post(executor(), [self = shared_from_this()] { self->close_now("closed by the broker"); });
}

void Connection::write_request(const ClientRequest& request, ClientCalls::Clock::time_point deadline,
                               ClientAnswered answered) {
  const bool oneway = !answered;
  if (!is_open()) {
    if (oneway) return;
    const Error gone(Errc::disconnected, text("the client ", remote_, " is not connected"));
    boost::asio::post(executor(), [answered = std::move(answered), gone] { answered(gone); });
    return;
  }
  ClientCalls& calls = loop_.calls();
  const std::int32_t opaque = oneway ? calls.next_opaque() : calls.begin(*this, deadline, std::move(answered));
  const auto code = static_cast<RequestCode>(request.code);
  CommandWriter writer(output().bytes(), remoting::request_start(HeaderType::json, code, opaque, oneway));
  for (const auto& [name, value] : request.fields) writer.field(name, value);
  writer.finish(request.body);
}

}  // namespace tenon::protocol_native
