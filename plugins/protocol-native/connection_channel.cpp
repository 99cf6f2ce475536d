// SPDX-License-Identifier: Apache-2.0
// What the kernel and the handlers of other connections do with a connection: the requests that go to its client.
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "record/message_id.hpp"
#include "record/record_encoder.hpp"
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

/// Checks that wait for the connection's thread, at most.
constexpr std::int64_t kCheckBytesMax = 4 * 1024 * 1024;

/// The half message as a stored record with its real topic, at the place of the half message.
std::string record_of(const TransactionCheck& check) {
  std::string bytes(record::encoded_size(check.message), '\0');
  auto* const out = reinterpret_cast<std::byte*>(bytes.data());
  record::encode(check.message, out);
  record::patch(out, {check.half_offset, check.half_physical_offset, check.store_timestamp_ms},
                check.message.born_host.is_v6());
  return bytes;
}

// Source: remoting-protocol.md 2b; golden/wire/broker-5.4.0/java-5.4.0-transaction.
ClientRequest check_request(const TransactionCheck& check) {
  const auto code = static_cast<std::int32_t>(RequestCode::check_transaction_state);
  const std::string unique_key(PropertiesView(check.message.properties).find(property::unique_key).value_or(""));
  Fields fields{{"bname", std::string(check.broker_name)},
                {"commitLogOffset", check.half_physical_offset.to_string()},
                {"topic", std::string(check.half_topic)},
                {"msgId", unique_key},
                {"tranStateTableOffset", check.half_offset.to_string()},
                {"offsetMsgId", record::to_string({check.message.store_host, check.half_physical_offset})},
                {"transactionId", unique_key}};
  return {code, std::move(fields), record_of(check)};
}

Status as_status(const Result<Answer>& answer) {
  if (!answer) return answer.error();
  if (answer->code == 0) return {};
  return Error(Errc::internal, text("the client refused the reply with code ", answer->code, ": ", answer->remark));
}

}  // namespace

void Connection::notify_consumer_ids_changed(std::string_view consumer_group) {
  if (!is_open()) return;
  on_own_thread([this, group = std::string(consumer_group)] {
    const auto code = static_cast<std::int32_t>(RequestCode::notify_consumer_ids_changed);
    write_request(ClientRequest(code, {{"consumerGroup", group}}), {}, {});
  });
}

void Connection::push_reply(const ReplyPush& reply, Answered answered) {
  call_client(shared_from_this(), reply_request(reply), kReplyTimeout,
              [answered = std::move(answered)](const Result<Answer>& answer) { answered(as_status(answer)); });
}

Status Connection::check_transaction(const TransactionCheck& check) {
  if (!is_open()) return Error(Errc::disconnected, text("the client ", remote_, " is not connected"));
  if (check_bytes_.load(std::memory_order_relaxed) > kCheckBytesMax) {
    return Error(Errc::busy, text("the client ", remote_, " has too many transaction checks before it"));
  }
  ClientRequest request = check_request(check);
  check_bytes_.fetch_add(static_cast<std::int64_t>(request.body.size()), std::memory_order_relaxed);
  later_on_own_thread([this, request = std::move(request)] { write_check(request); });
  return {};
}

void Connection::write_check(const ClientRequest& request) {
  check_bytes_.fetch_sub(static_cast<std::int64_t>(request.body.size()), std::memory_order_relaxed);
  write_request(request, {}, {});
}

void Connection::close() {
  if (!is_open()) return;
  later_on_own_thread([this] { close_now("closed by the broker"); });
}

/// A client that reads nothing gets no more: calls fail, and what needs no answer (checks, changes of a group) is left
/// out, because it comes again in the next round or is asked for.
Status Connection::reachable() {
  if (!is_open()) return Error(Errc::disconnected, text("the client ", remote_, " is not connected"));
  if (!send_blocked_ || output_->unsent() < server().settings.output_high_bytes) return {};
  return Error(Errc::busy, text("the client ", remote_, " does not read what it is sent"));
}

/// The opaque under which a request goes out.
Result<std::int32_t> Connection::begin_request(ClientCalls::Clock::time_point deadline, ClientAnswered& answered) {
  if (const Status reached = reachable(); !reached) return reached.error();
  ClientCalls& calls = loop().calls();
  if (!answered) return calls.next_opaque();
  auto opaque = calls.begin(*this, deadline, answered);
  if (!opaque) server().count_refusal("refused.client-call");
  return opaque;
}

void Connection::write_request(const ClientRequest& request, ClientCalls::Clock::time_point deadline,
                               ClientAnswered answered) {
  const bool oneway = !answered;
  const auto opaque = begin_request(deadline, answered);
  if (!opaque) {
    if (oneway) return;
    boost::asio::post(executor(), [answered = std::move(answered), why = opaque.error()] { answered(why); });
    return;
  }
  const auto code = static_cast<RequestCode>(request.code);
  CommandWriter writer(output().bytes(), remoting::request_start(HeaderType::json, code, *opaque, oneway));
  for (const auto& [name, value] : request.fields) writer.field(name, value);
  writer.finish(request.body);
}

}  // namespace tenon::protocol_native
