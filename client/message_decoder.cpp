// SPDX-License-Identifier: Apache-2.0
#include "client/message_decoder.hpp"

#include "record/message_id.hpp"
#include "record/record_view.hpp"
#include "remoting/zlib_stream.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr std::size_t kInflatedBytesMax = 64 * 1024 * 1024;
constexpr std::int32_t kCompressionMask = 0x700, kOldZlib = 0x000, kZlib = 0x300;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void take_body(const record::RecordView& record, MessageExt& message) {
  const std::int32_t flags = record.sys_flag(), compression = flags & kCompressionMask;
  message.body_is_compressed = (flags & sys_flag::compressed) != 0;
  if (message.body_is_compressed && (compression == kOldZlib || compression == kZlib)) {
    if (const auto inflated = remoting::inflate_bounded(record.body(), kInflatedBytesMax)) {
      message.body = text_of(*inflated);
      message.body_is_compressed = false;
      return;
    }
  }
  message.body = text_of(record.body());
}

MessageExt message_of(const record::RecordView& record, std::string_view broker_name) {
  MessageExt message;
  const PropertiesView properties = record.properties();
  message.queue = {std::string(record.topic()), std::string(broker_name), record.queue_id()};
  message.queue_offset = record.queue_offset().value;
  message.physical_offset = record.physical_offset().value;
  message.offset_message_id = record::to_string({record.store_host(), record.physical_offset()});
  message.message_id = properties.find(property::unique_key).value_or(message.offset_message_id);
  message.properties = properties.wire();
  message.flag = record.flag();
  message.sys_flag = record.sys_flag();
  message.reconsume_times = record.reconsume_times();
  message.born_timestamp_ms = record.born_timestamp_ms();
  message.store_timestamp_ms = record.store_timestamp_ms();
  message.born_host = record.born_host();
  message.store_host = record.store_host();
  if (const auto original = properties.find(property::retry_topic);
      original && message.queue.topic.starts_with("%RETRY%")) {
    message.queue.topic = *original;
  }
  take_body(record, message);
  return message;
}

}  // namespace

Result<std::vector<MessageExt>> decode_messages(std::span<const std::byte> records, std::string_view broker_name) {
  std::vector<MessageExt> messages;
  for (std::size_t at = 0; at < records.size();) {
    const auto record = record::RecordView::decode(records.subspan(at));
    if (!record) return Error(Errc::corrupt, text("record at byte ", at, " of an answer: ", record.error().message()));
    messages.push_back(message_of(*record, broker_name));
    at += record->bytes().size();
  }
  return messages;
}

}  // namespace tenon::client
