// SPDX-License-Identifier: Apache-2.0
#include "mqtt/decode_connect.hpp"

#include "mqtt/codec.hpp"
#include "mqtt/topic.hpp"

namespace tenon::mqtt {
namespace {

constexpr std::uint8_t kBridgeBit = 0x80;

struct Flags {
  explicit Flags(std::uint8_t byte) : byte_(byte) {}
  bool reserved() const { return (byte_ & 0x01) != 0; }
  bool clean_start() const { return (byte_ & 0x02) != 0; }
  bool will() const { return (byte_ & 0x04) != 0; }
  std::uint8_t will_qos() const { return byte_ >> 3 & 3; }
  bool will_retain() const { return (byte_ & 0x20) != 0; }
  bool password() const { return (byte_ & 0x40) != 0; }
  bool user_name() const { return (byte_ & 0x80) != 0; }

 private:
  std::uint8_t byte_;
};

/// Name and level agree on a version, or the reader fails.
void read_version(Reader& reader, Connect& connect) {
  const std::string_view name = reader.text();
  const std::uint8_t byte = reader.u8();
  if (reader.failed()) return;
  const auto level = static_cast<std::uint8_t>(byte & ~kBridgeBit);
  connect.bridge = (byte & kBridgeBit) != 0;
  if ((name == "MQTT" && (level == 4 || level == 5)) || (name == "MQIsdp" && level == 3)) {
    connect.version = static_cast<ProtocolVersion>(level);
    return;
  }
  reader.fail(ReasonCode::unsupported_protocol_version, "neither MQTT 3.1, 3.1.1 nor 5.0");
}

void check_flags(Reader& reader, const Flags& flags, ProtocolVersion version) {
  if (flags.reserved()) return reader.malformed("the reserved connect flag is set");
  if (flags.will_qos() == 3) return reader.malformed("will QoS 3");
  if (!flags.will() && (flags.will_qos() != 0 || flags.will_retain())) {
    return reader.malformed("will QoS or will retain without a will");
  }
  if (flags.password() && !flags.user_name() && version != ProtocolVersion::v5) {
    reader.malformed("a password without a user name");
  }
}

void read_will(Reader& reader, const Flags& flags, Connect& connect) {
  Will& will = connect.will.emplace();
  will.qos = flags.will_qos();
  will.retain = flags.will_retain();
  if (connect.version == ProtocolVersion::v5) will.properties.decode(reader, PropertyPlace::will);
  will.topic = reader.text();
  will.payload = reader.binary();
  if (reader.failed()) return;
  if (!is_valid_topic_name(will.topic)) return reader.fail(ReasonCode::topic_name_invalid, "the will's topic");
  const auto response = will.properties.text(PropertyId::response_topic);
  if (response && !is_valid_topic_name(*response)) reader.fail(ReasonCode::protocol_error, "the will's response topic");
}

}  // namespace

Connect decode_connect(Reader& reader) {
  Connect connect;
  read_version(reader, connect);
  const Flags flags(reader.u8());
  check_flags(reader, flags, connect.version);
  connect.clean_start = flags.clean_start();
  connect.keep_alive_s = reader.u16();
  if (connect.version == ProtocolVersion::v5) connect.properties.decode(reader, PropertyPlace::connect);
  connect.client_id = reader.text();
  if (flags.will()) read_will(reader, flags, connect);
  if (flags.user_name()) connect.user_name = reader.text();
  if (flags.password()) connect.password = reader.binary();
  reader.expect_end();
  return connect;
}

std::optional<std::uint8_t> protocol_level_of(std::string_view connect_body) noexcept {
  Reader reader(connect_body);
  reader.binary();
  const auto level = static_cast<std::uint8_t>(reader.u8() & ~kBridgeBit);
  if (reader.failed()) return std::nullopt;
  return level;
}

}  // namespace tenon::mqtt
