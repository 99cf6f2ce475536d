// SPDX-License-Identifier: Apache-2.0
#include "message_text.hpp"

#include "fastjson/writer.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

/// Whether the bytes can stand in a JSON string.
bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t more = lead < 0x80                             ? 0
                             : (lead & 0xE0) == 0xC0 && lead >= 0xC2 ? 1
                             : (lead & 0xF0) == 0xE0                 ? 2
                             : (lead & 0xF8) == 0xF0 && lead <= 0xF4 ? 3
                                                                     : 4;
    if (more == 4 || more >= bytes.size() - i) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

std::string json_of(const client::MessageExt& message) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("topic", message.queue.topic).member("broker", message.queue.broker_name);
  json.member("queueId", message.queue.queue_id).member("queueOffset", message.queue_offset);
  json.member("commitLogOffset", message.physical_offset).member("msgId", message.message_id);
  json.member("offsetMsgId", message.offset_message_id).member("bornTimestamp", message.born_timestamp_ms);
  json.member("storeTimestamp", message.store_timestamp_ms).member("bornHost", message.born_host.to_string());
  json.member("storeHost", message.store_host.to_string())
      .member("flag", message.flag)
      .member("sysFlag", message.sys_flag);
  json.member("reconsumeTimes", message.reconsume_times).key("properties").begin_object();
  PropertiesView(message.properties).for_each([&](std::string_view name, std::string_view value) {
    json.key(name).value(value);
  });
  json.end_object();
  if (is_utf8(message.body))
    json.member("body", message.body);
  else
    json.member("bodyHex", hex_of(message.body));
  json.end_object();
  return out;
}

}  // namespace

std::string text_of(const client::MessageExt& message, OutputForm form) {
  if (form == OutputForm::body) return message.body + "\n";
  if (form == OutputForm::json) return json_of(message) + "\n";
  const auto shown = [](std::string_view value) { return value.empty() ? std::string_view("-") : value; };
  return text(message.queue.broker_name, "/", message.queue.queue_id, " offset ", message.queue_offset, " ",
              message.message_id, " tags ", shown(message.tags()), " keys ", shown(message.keys()), ": ", message.body,
              "\n");
}

}  // namespace tenon::cli
