// SPDX-License-Identifier: Apache-2.0
#include "client/prepared_message.hpp"

#include "client/wall_clock.hpp"
#include "remoting/batch_body.hpp"
#include "remoting/zlib_stream.hpp"
#include "tenon/message.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr int kCompressLevel = 5;  // Java's

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Status check_body(const std::string& topic, std::size_t bytes, const ProducerOptions& options) {
  if (bytes == 0) return Error(Errc::message_illegal, text("a message to ", topic, " has an empty body"));
  if (bytes <= options.body_bytes_max) return {};
  return Error(Errc::message_illegal, text("the body of a message to ", topic, " has ", bytes, " bytes, at most ",
                                           options.body_bytes_max, " are allowed"));
}

Status check_batch(const std::vector<Message>& batch) {
  if (batch.empty()) return Error(Errc::message_illegal, "a batch without messages");
  for (const Message& message : batch) {
    if (message.topic != batch.front().topic)
      return Error(Errc::message_illegal, "the messages of a batch have different topics");
    if (message.delay_level > 0) return Error(Errc::message_illegal, "a message of a batch cannot be delayed");
    if (message.topic.starts_with("%RETRY%")) return Error(Errc::message_illegal, "a batch cannot go to a retry topic");
    if (auto good = message.check(); !good) return good;
  }
  return {};
}

}  // namespace

Result<Producer::Prepared> Producer::prepare(const Message& message, const ProducerOptions& options) {
  if (auto good = message.check(); !good) return good.error();
  if (auto good = check_body(message.topic, message.body.size(), options); !good) return good.error();
  Prepared prepared;
  prepared.topic = message.topic;
  prepared.message_id = make_unique_key();
  prepared.properties = message.wire_properties(prepared.message_id);
  prepared.flag = message.flag;
  prepared.born_timestamp_ms = wall_clock_ms();
  prepared.body = message.body;
  if (message.body.size() >= options.compress_body_over_bytes) {
    const auto deflated = remoting::deflate_all(bytes_of(message.body), kCompressLevel);
    prepared.body.assign(reinterpret_cast<const char*>(deflated.data()), deflated.size());
    prepared.sys_flag |= sys_flag::compressed;
  }
  return prepared;
}

Result<Producer::Prepared> Producer::prepare(const std::vector<Message>& batch, const ProducerOptions& options) {
  if (auto good = check_batch(batch); !good) return good.error();
  Prepared prepared;
  prepared.batch = true;
  prepared.topic = batch.front().topic;
  prepared.born_timestamp_ms = wall_clock_ms();
  remoting::OutputBuffer body;
  for (const Message& message : batch) {
    const std::string id = make_unique_key(), properties = message.wire_properties(id);
    remoting::append_batch_message(body, {message.flag, properties, bytes_of(message.body)});
    prepared.message_id += (prepared.message_id.empty() ? "" : ",") + id;
  }
  prepared.body = body.text();
  Message all;  // the batch as a message of its own, as Java sends it
  prepared.properties = all.wire_properties(make_unique_key());
  if (auto good = check_body(prepared.topic, prepared.body.size(), options); !good) return good.error();
  return prepared;
}

}  // namespace tenon::client
