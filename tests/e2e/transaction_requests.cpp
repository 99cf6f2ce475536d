// SPDX-License-Identifier: Apache-2.0
#include "transaction_requests.hpp"

#include <span>

#include "protocol-native/testing/sample_requests.hpp"
#include "record/message_id.hpp"
#include "record/record_view.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using protocol_native::SampleSend;
using remoting::RequestCode;

// The order of the tables says nothing.
const char* const kWithTransactions = R"([plugins.transaction]
check_interval = "100ms"
timeout = "200ms"

[broker]
data_dir = "data"

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"

[plugins.filter-tag]

[plugins.namesrv]

[plugins.store]
type = "store-mmap"
)";

namespace {

std::string properties_of(std::string_view body, std::string_view group, std::string_view extra) {
  std::string properties(extra);
  append_property(properties, property::transaction_prepared, "true");
  append_property(properties, property::producer_group, group);
  append_property(properties, property::unique_key, body);
  append_property(properties, property::wait, "true");
  return properties;
}

Half half_of(const ReceivedFrame& answer) {
  Half half;
  half.code = answer.code;
  half.remark = answer.remark.value_or("");
  if (answer.code != 0) return half;
  half.queue_offset = std::stoll(answer.field("queueOffset"));
  half.physical_offset = record::parse_offset_message_id(answer.field("msgId")).value().physical_offset.value;
  return half;
}

}  // namespace

Half prepare(RawClient& client, std::string_view topic, std::string_view body, std::string_view group,
             std::string_view extra_properties) {
  const std::string properties = properties_of(body, group, extra_properties);
  const SampleSend send{.topic = topic, .group = group, .sys_flag = "4", .properties = properties};
  return half_of(client.call(RequestCode::send_message_v2, fields_of(send), body));
}

ReceivedFrame end_transaction(RawClient& client, const Half& half, int decision, std::string_view group,
                              bool from_check) {
  const std::string offset = text(half.queue_offset), physical = text(half.physical_offset), type = text(decision);
  return client.call(RequestCode::end_transaction, {{"producerGroup", group},
                                                    {"tranStateTableOffset", offset},
                                                    {"commitLogOffset", physical},
                                                    {"commitOrRollback", type},
                                                    {"fromTransactionCheck", from_check ? "true" : "false"},
                                                    {"msgId", "x"},
                                                    {"transactionId", ""}});
}

void register_producer(RawClient& client, std::string_view group) {
  client.call(RequestCode::heart_beat, {},
              text(R"({"clientID":"e2e","consumerDataSet":[],"producerDataSet":[{"groupName":")", group, R"("}]})"));
}

std::optional<Check> next_check(RawClient& client, std::chrono::milliseconds timeout) {
  for (;;) {
    const auto frame = client.next(timeout);
    if (!frame) return std::nullopt;
    if (frame->code != static_cast<int>(RequestCode::check_transaction_state) || (frame->flag & 1) != 0) continue;
    const auto record = record::RecordView::decode(std::as_bytes(std::span(frame->body))).value();
    Check check;
    check.half.queue_offset = std::stoll(frame->field("tranStateTableOffset"));
    check.half.physical_offset = std::stoll(frame->field("commitLogOffset"));
    check.topic = record.topic();
    check.body.assign(reinterpret_cast<const char*>(record.body().data()), record.body().size());
    check.unique_key = frame->field("transactionId");
    return check;
  }
}

std::set<std::string> answer_checks(RawClient& client, std::size_t count,
                                    const std::function<int(const std::string& key)>& decide, std::string_view group) {
  std::set<std::string> ended;
  while (ended.size() < count) {
    const auto check = next_check(client);
    if (!check) break;
    const auto answer = end_transaction(client, check->half, decide(check->unique_key), group, true);
    if (answer.code == 0) ended.insert(check->unique_key);
  }
  return ended;
}

}  // namespace tenon::e2e
