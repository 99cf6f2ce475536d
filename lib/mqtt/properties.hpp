// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/wire.hpp"

namespace tenon::mqtt {

/// Properties of MQTT 5.0. Source: OASIS MQTT 5.0 section 2.2.2.2; ../shared/reference/mqtt.md section 4.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// Where a property block stands: each kind has its own set of allowed properties. The value is a bit number.
enum class PropertyPlace : std::uint8_t {
  connect,
  connack,
  publish,
  puback,  ///< And PUBREC, PUBREL, PUBCOMP.
  subscribe,
  suback,  ///< And UNSUBACK.
  unsubscribe,
  disconnect,
  auth,
  will,
};

/// The properties of one packet. Ownership: texts borrow the packet they were decoded from, or what was set.
/// Absent costs nothing: only a bit per property is cleared.
class Properties {
 public:
  using UserProperty = std::pair<std::string_view, std::string_view>;

  bool empty() const noexcept { return present_ == 0 && user_properties.empty() && subscription_identifiers.empty(); }
  bool has(PropertyId id) const noexcept { return (present_ >> bit(id) & 1U) != 0; }
  /// Byte, two-byte, four-byte and variable integers.
  std::optional<std::uint32_t> number(PropertyId id) const noexcept;
  std::uint32_t number_or(PropertyId id, std::uint32_t absent) const noexcept { return number(id).value_or(absent); }
  /// Strings and binary data.
  std::optional<std::string_view> text(PropertyId id) const noexcept;
  void set(PropertyId id, std::uint32_t value) noexcept;
  void set(PropertyId id, std::string_view value) noexcept;
  void remove(PropertyId id) noexcept { present_ &= ~(std::uint64_t{1} << bit(id)); }

  std::vector<UserProperty> user_properties;  ///< In order, which the standard keeps.
  std::vector<std::uint32_t> subscription_identifiers;

  /// Reads the length and the block; everything the standard forbids there fails the reader.
  void decode(Reader& reader, PropertyPlace place);
  /// Appends the length and the block.
  void encode(std::string& out) const;
  /// Bytes of the block without its length.
  std::size_t block_size() const noexcept;
  /// Appends the block without its length: what a message keeps of its properties.
  void encode_block(std::string& out) const;
  void decode_block(Reader& reader, PropertyPlace place);

 private:
  static constexpr std::size_t kIds = 0x2B;
  static unsigned bit(PropertyId id) noexcept { return static_cast<unsigned>(id); }
  void decode_one(Reader& reader, PropertyPlace place);

  std::uint64_t present_ = 0;
  std::array<std::uint32_t, kIds> numbers_;  ///< Valid where present.
  std::array<std::string_view, 9> texts_;    ///< Likewise, see text_slot().
};

}  // namespace tenon::mqtt
