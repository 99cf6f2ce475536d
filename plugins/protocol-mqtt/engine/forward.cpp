// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/forward.hpp"

#include "mqtt/wire.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PropertyId;
using mqtt::put_u16;
using mqtt::put_u8;
using mqtt::variable_size;

void put_id(std::string& out, PropertyId id) { put_u8(out, static_cast<std::uint8_t>(id)); }

std::size_t sized(std::size_t size) noexcept { return variable_size(static_cast<std::uint32_t>(size)) + size; }

}  // namespace

std::size_t Forward::block_size() const noexcept {
  std::size_t size = message.properties.size() + (expiry_s ? 5 : 0) + (alias != 0 ? 3 : 0);
  for (const std::uint32_t id : identifiers) size += 1 + variable_size(id);
  return size;
}

std::size_t Forward::body_size() const noexcept {
  return 2 + (without_topic ? 0 : message.topic.size()) + (qos > 0 ? 2 : 0) + (v5() ? sized(block_size()) : 0) +
         message.payload.size();
}

std::size_t Forward::size() const noexcept { return 1 + sized(body_size()); }

void Forward::encode_properties(std::string& out) const {
  mqtt::put_variable(out, static_cast<std::uint32_t>(block_size()));
  if (expiry_s) {
    put_id(out, PropertyId::message_expiry_interval);
    mqtt::put_u32(out, *expiry_s);
  }
  out.append(message.properties);
  for (const std::uint32_t id : identifiers) {
    put_id(out, PropertyId::subscription_identifier);
    mqtt::put_variable(out, id);
  }
  if (alias == 0) return;
  put_id(out, PropertyId::topic_alias);
  put_u16(out, alias);
}

void Forward::encode(std::string& out) const {
  put_u8(out, static_cast<std::uint8_t>(static_cast<unsigned>(mqtt::PacketType::publish) << 4U | (dup ? 8U : 0U) |
                                        qos << 1U | (retain ? 1U : 0U)));
  mqtt::put_variable(out, static_cast<std::uint32_t>(body_size()));
  mqtt::put_string(out, without_topic ? std::string_view{} : message.topic);
  if (qos > 0) put_u16(out, packet_id);
  if (v5()) encode_properties(out);
  out.append(message.payload);
}

}  // namespace tenon::protocol_mqtt
