// SPDX-License-Identifier: Apache-2.0
#include "remoting/send_fields.hpp"

#include <array>

#include "remoting/hot_fields.hpp"

namespace tenon::remoting {
namespace {

/// Position in this table = letter of the short name.
constexpr std::array<std::string_view, 14> kLongNames = {
    "producerGroup", "topic", "defaultTopic", "defaultTopicQueueNums", "queueId",  "sysFlag",
    "bornTimestamp", "flag",  "properties",   "reconsumeTimes",        "unitMode", "maxReconsumeTimes",
    "batch",         "bname"};
constexpr std::array<std::string_view, 14> kShortNames = {"a", "b", "c", "d", "e", "f", "g",
                                                          "h", "i", "j", "k", "l", "m", "n"};
/// a to h must be there.
constexpr std::uint32_t kSendRequired = 0xFF;

constexpr std::uint32_t bit_of(char letter) { return 1U << (letter - 'a'); }

/// The letter of a field; 0 if it is none of a send.
char letter_of_long(std::string_view name) noexcept {
  for (std::size_t index = 0; index < kLongNames.size(); ++index) {
    if (kLongNames[index] == name) return static_cast<char>('a' + index);
  }
  return 0;
}
char letter_of_short(std::string_view name) noexcept { return name.size() == 1 ? name.front() : '\0'; }

void read_optional_count(OnePass& pass, const Field& field, std::optional<std::int32_t>& into) {
  std::int32_t count = 0;
  pass.number(field.name, field.value, count, 0);
  into = count;
}

void read_send_field(OnePass& pass, char letter, const Field& field, SendFields& into) {
  const std::string_view value = field.value;
  switch (letter) {
    case 'a':
      return pass.text(value, into.producer_group, bit_of('a'));
    case 'b':
      return pass.text(value, into.topic, bit_of('b'));
    case 'c':
      return pass.text(value, into.default_topic, bit_of('c'));
    case 'd':
      return pass.number(field.name, value, into.default_topic_queue_nums, bit_of('d'));
    case 'e':
      return pass.number(field.name, value, into.queue_id, bit_of('e'));
    case 'f':
      return pass.number(field.name, value, into.sys_flag, bit_of('f'));
    case 'g':
      return pass.number(field.name, value, into.born_timestamp_ms, bit_of('g'));
    case 'h':
      return pass.number(field.name, value, into.flag, bit_of('h'));
    case 'i':
      return pass.text(value, into.properties, 0);
    case 'j':
      return pass.number(field.name, value, into.reconsume_times, 0);
    case 'k':
      into.unit_mode = parse_boolean(value);
      return;
    case 'l':
      return read_optional_count(pass, field, into.max_reconsume_times);
    case 'm':
      into.batch = parse_boolean(value);
      return;
    case 'n':
      return pass.text(value, into.broker_name, 0);
    default:
      return;
  }
}

bool has_long_names(std::int32_t code) noexcept {
  const auto request = static_cast<RequestCode>(code);
  return request == RequestCode::send_message || request == RequestCode::send_reply_message;
}

}  // namespace

Result<SendFields> decode_send_fields(const Command& command) {
  SendFields fields;
  OnePass pass;
  const bool long_names = has_long_names(command.code);
  for (const Field& field : command.fields) {
    if (field.value.empty()) continue;
    read_send_field(pass, long_names ? letter_of_long(field.name) : letter_of_short(field.name), field, fields);
  }
  if (pass.complete(kSendRequired)) return fields;
  return pass.error(kSendRequired, long_names ? kLongNames.data() : kShortNames.data());
}

void write_send_fields(CommandWriter& writer, const SendFields& fields) {
  writer.field("a", fields.producer_group).field("b", fields.topic).field("c", fields.default_topic);
  writer.field("d", fields.default_topic_queue_nums).field("e", fields.queue_id).field("f", fields.sys_flag);
  writer.field("g", fields.born_timestamp_ms).field("h", fields.flag).field("i", fields.properties);
  writer.field("j", fields.reconsume_times).field("k", fields.unit_mode).field("l", fields.max_reconsume_times);
  writer.field("m", fields.batch);
  if (!fields.broker_name.empty()) writer.field("n", fields.broker_name);
}

}  // namespace tenon::remoting
