// SPDX-License-Identifier: Apache-2.0
#include "message_requests.hpp"

#include <cstddef>
#include <span>

#include "protocol-native/testing/sample_requests.hpp"
#include "record/record_view.hpp"

namespace tenon::e2e {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using protocol_native::SamplePull;
using protocol_native::SampleSend;
using remoting::RequestCode;

ReceivedFrame send_message(RawClient& client, std::string_view topic, std::string_view body, std::string_view queue,
                           std::string_view properties) {
  return client.call(RequestCode::send_message_v2,
                     fields_of(SampleSend{.topic = topic, .queue = queue, .properties = properties}), body);
}

ReceivedFrame put_topic(RawClient& client, std::string_view topic, const TopicSettings& settings) {
  RawClient::FieldList fields{{"topic", topic},
                              {"defaultTopic", "TBW102"},
                              {"readQueueNums", settings.queues},
                              {"writeQueueNums", settings.queues},
                              {"perm", settings.perm},
                              {"topicFilterType", "SINGLE_TAG"},
                              {"topicSysFlag", "0"},
                              {"order", settings.order}};
  if (!settings.attributes.empty()) fields.emplace_back("attributes", settings.attributes);
  return client.call(RequestCode::update_and_create_topic, fields);
}

ReceivedFrame pull_messages(RawClient& client, std::string_view topic, std::int64_t offset, std::string_view queue) {
  const std::string from = std::to_string(offset);
  return client.call(RequestCode::pull_message, fields_of(SamplePull{.topic = topic, .queue = queue, .offset = from}));
}

std::vector<PulledMessage> messages_of(const ReceivedFrame& pulled) {
  std::vector<PulledMessage> messages;
  auto rest = std::as_bytes(std::span(pulled.body));
  while (!rest.empty()) {
    const auto record = record::RecordView::decode(rest).value();
    messages.push_back({record.queue_offset().value,
                        {reinterpret_cast<const char*>(record.body().data()), record.body().size()},
                        std::string(record.properties().wire())});
    rest = rest.subspan(static_cast<std::size_t>(record.total_size()));
  }
  return messages;
}

std::vector<PulledMessage> all_messages(RawClient& client, std::string_view topic, std::string_view queue,
                                        std::int64_t begin) {
  std::vector<PulledMessage> all;
  for (;;) {
    const auto pulled = pull_messages(client, topic, begin, queue);
    if (pulled.code != 0) return all;
    // Not by the messages' own offsets: a light queue has those of other queues.
    for (PulledMessage& message : messages_of(pulled)) {
      all.push_back(std::move(message));
      ++begin;
    }
  }
}

}  // namespace tenon::e2e
