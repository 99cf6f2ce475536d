// SPDX-License-Identifier: Apache-2.0
#include "popped_records.hpp"

#include "names.hpp"
#include "record/read_records.hpp"
#include "record/record_encoder.hpp"
#include "tenon/properties.hpp"

namespace tenon::pop {
namespace {

void append_record(std::vector<std::byte>& out, const record::RecordView& record) {
  const auto bytes = record.bytes().first(static_cast<std::size_t>(record.total_size()));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_record(std::vector<std::byte>& out, const record::RecordView& record, const Message& message) {
  const std::size_t at = out.size();
  out.resize(at + record::encoded_size(message));
  record::encode(message, out.data() + at);
  record::patch(out.data() + at, {record.queue_offset(), record.physical_offset(), record.store_timestamp_ms()},
                message.born_host.is_v6());
}

}  // namespace

std::vector<QueueOffset> offsets_in(const ReadResult& read) {
  std::vector<QueueOffset> offsets;
  record::for_each_record(read,
                          [&offsets](const record::RecordView& record) { offsets.push_back(record.queue_offset()); });
  return offsets;
}

std::shared_ptr<const std::vector<std::byte>> with_origin(const ReadResult& read, std::string_view topic,
                                                          Receipt receipt) {
  auto records = std::make_shared<std::vector<std::byte>>();
  record::for_each_record(read, [&](const record::RecordView& record) {
    Message message = record.message();
    receipt.offset = record.queue_offset();
    std::string properties(message.properties);
    set_property(properties, property::receipt, to_string(receipt));
    message.topic = topic;
    message.properties = properties;
    const record::SizeLimits any_body{SIZE_MAX};
    record::check_sizes(message, any_body) ? append_record(*records, record, message) : append_record(*records, record);
  });
  return records;
}

std::optional<ReadMessage> message_at(const MessageStore& store, std::string_view topic, std::int32_t queue_id,
                                      QueueOffset offset) {
  ReadRequest request;
  request.topic = topic;
  request.queue_id = queue_id;
  request.offset = offset;
  request.max_messages = 1;
  request.form = ReadForm::in_memory;
  ReadResult read = store.read(request);
  if (read.status != ReadStatus::found) return std::nullopt;
  std::optional<record::RecordView> found;
  record::for_each_record(read, [&](const record::RecordView& record) {
    if (record.queue_offset() == offset) found = record;
  });
  if (!found) return std::nullopt;
  return ReadMessage{*found, std::move(read)};
}

}  // namespace tenon::pop
