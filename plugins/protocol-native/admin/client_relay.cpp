// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>

#include "fastjson/reader.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/bodies/message_queue_body.hpp"
#include "protocol-native/client_call.hpp"
#include "protocol-native/request.hpp"
#include "record/message_id.hpp"
#include "remoting/mq_version.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

constexpr std::chrono::seconds kRelayTimeout{10};
constexpr std::chrono::seconds kStatusTimeout{5};
constexpr auto kStatusOfClient = static_cast<std::int32_t>(RequestCode::get_consumer_status_from_client);
constexpr auto kRunningInfo = static_cast<std::int32_t>(RequestCode::get_consumer_running_info);
constexpr auto kConsumeDirectly = static_cast<std::int32_t>(RequestCode::consume_message_directly);

/// The connection of one client of a group; an empty client id takes any. Throws Failure when there is none, or one too
/// old to be asked.
ClientIdentity online_client(const Request& request, std::string_view group, std::string_view client_id) {
  const auto state = request.services().clients->consumer_group(group);
  if (state) {
    for (const auto& [client, last_update] : state->connections) {
      if (!client_id.empty() && client.client_id != client_id) continue;
      if (client.version >= remoting::mq_version::v3_1_8_snapshot) return client;
      throw Failure(Error(Errc::internal, text("The Consumer <", client.client_id, "> Version <", client.version,
                                               "> too low to finish, please upgrade it to V3_1_8_SNAPSHOT")));
    }
  }
  throw Failure(Error(Errc::internal, text("The Consumer <", group, "> <", client_id, "> not online")));
}

/// The client's answer goes back as it is, its code and remark included.
void relay(Request& request, const ClientIdentity& client, ClientRequest question) {
  auto answered = [answer = request.defer(), id = client.client_id](Result<Answer> outcome) {
    if (outcome) return answer(std::move(*outcome));
    answer.error(Error(outcome.error().code(), text("consumer ", id, ": ", outcome.error().message())));
  };
  call_client(client.channel, std::move(question), kRelayTimeout, std::move(answered));
}

void consumer_running_info(Request& request) {
  const std::string_view group = request.require_text("consumerGroup");
  const std::string_view client_id = request.require_text("clientId");
  const ClientIdentity client = online_client(request, group, client_id);
  Fields fields{{"clientId", std::string(client_id)},
                {"consumerGroup", std::string(group)},
                {"jstackEnable", request.boolean_or("jstackEnable", false) ? "true" : "false"}};
  relay(request, client, ClientRequest(kRunningInfo, std::move(fields)));
}

void consume_message_directly(Request& request) {
  const std::string_view group = request.require_text("consumerGroup");
  const ClientIdentity client = online_client(request, group, request.text("clientId"));
  const std::string_view id = request.require_text("msgId");
  const auto where = record::parse_offset_message_id(id);
  if (!where) return request.fail(where.error());
  const auto stored = request.services().store->record_at(where->physical_offset);
  if (!stored) return request.fail(stored.error());
  Fields fields{{"brokerName", std::string(request.services().identity->broker_name())},
                {"clientId", client.client_id},
                {"consumerGroup", std::string(group)},
                {"msgId", std::string(id)}};
  if (const auto topic = request.find("topic")) fields.emplace_back("topic", *topic);
  std::string body(reinterpret_cast<const char*>(stored->bytes.data()), stored->bytes.size());
  relay(request, client, ClientRequest(kConsumeDirectly, std::move(fields), std::move(body)));
}

/// Collects the offsets that each client of a group says it holds; the last answer, or its time-out, answers the tool.
class StatusCollection {
 public:
  StatusCollection(DeferredAnswer answer, std::size_t clients) : answer_(std::move(answer)), missing_(clients) {}

  void one_done(std::string client_id, const Result<Answer>& outcome) {
    const std::lock_guard lock(mutex_);
    if (outcome && outcome->code == 0) {
      const auto said = fastjson::parse(outcome->body);
      const fastjson::Value* table = said ? said->find("messageQueueTable") : nullptr;
      if (table != nullptr) collected_.push_back({std::move(client_id), *table});
    }
    if (--missing_ > 0) return;
    Answer answer;
    answer.body = consumer_status_body(collected_);
    answer_(std::move(answer));
  }

 private:
  const DeferredAnswer answer_;
  std::mutex mutex_;
  std::size_t missing_;
  std::vector<ClientStatus> collected_;
};

void consumer_status(Request& request) {
  const std::string group(request.require_text("group"));
  const std::string topic(request.require_text("topic"));
  const std::string_view only = request.text("clientAddr");
  std::vector<ClientIdentity> asked;
  if (const auto state = request.services().clients->consumer_group(group)) {
    for (const auto& [client, last_update] : state->connections) {
      if (only.empty() || client.client_id == only) asked.push_back(client);
    }
  }
  if (asked.empty())
    return request.fail(ResponseCode::system_error,
                        text("No Any Consumer online in the consumer group: [", group, ']'));
  const auto collection = std::make_shared<StatusCollection>(request.defer(), asked.size());
  for (const ClientIdentity& client : asked) {
    auto answered = [collection, id = client.client_id](const Result<Answer>& outcome) {
      collection->one_done(id, outcome);
    };
    call_client(client.channel, ClientRequest(kStatusOfClient, {{"group", group}, {"topic", topic}}), kStatusTimeout,
                std::move(answered));
  }
}

}  // namespace

void add_client_relay_handlers(HandlerTable& table) {
  table.add(RequestCode::invoke_broker_to_get_consumer_status, consumer_status);
  table.add(RequestCode::get_consumer_running_info, consumer_running_info);
  table.add(RequestCode::consume_message_directly, consume_message_directly);
}

}  // namespace tenon::protocol_native
