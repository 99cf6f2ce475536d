// SPDX-License-Identifier: Apache-2.0
#include "client/message_decoder.hpp"

#include <limits>

#include "record/message_id.hpp"
#include "record/record_view.hpp"
#include "remoting/batch_body.hpp"
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

/// The messages of a batch that is stored as one record, at consecutive queue offsets. False when it is none, or cannot
/// be taken apart: then it is given as it is, as RocketMQ's clients do.
bool unwrap(const record::RecordView& record, MessageExt& whole, std::vector<MessageExt>& messages) {
  constexpr std::int32_t kBatch = sys_flag::inner_batch | sys_flag::needs_unwrap;
  std::vector<remoting::BatchMessage> parts;
  if ((record.sys_flag() & kBatch) != kBatch || !remoting::split_batch_body(record.body(), parts)) return false;
  const auto count = static_cast<std::int64_t>(parts.size());
  if (count > kInnerBatchMax || whole.queue_offset > std::numeric_limits<std::int64_t>::max() - count) return false;
  // Not copied into each of thousands of messages.
  whole.body = {};
  whole.properties = {};
  for (std::size_t index = 0; index < parts.size(); ++index) {
    MessageExt& message = messages.emplace_back(whole);
    message.queue_offset += static_cast<std::int64_t>(index);
    message.flag = parts[index].flag;
    message.properties = parts[index].properties;
    message.body = text_of(parts[index].body);
    message.message_id =
        PropertiesView(parts[index].properties).find(property::unique_key).value_or(whole.offset_message_id);
  }
  return true;
}

}  // namespace

Result<std::vector<MessageExt>> decode_messages(std::span<const std::byte> records, std::string_view broker_name) {
  std::vector<MessageExt> messages;
  for (std::size_t at = 0; at < records.size();) {
    const auto record = record::RecordView::decode(records.subspan(at));
    if (!record) return Error(Errc::corrupt, text("record at byte ", at, " of an answer: ", record.error().message()));
    MessageExt message = message_of(*record, broker_name);
    if (!unwrap(*record, message, messages)) messages.push_back(std::move(message));
    at += record->bytes().size();
  }
  return messages;
}

}  // namespace tenon::client
