// SPDX-License-Identifier: Apache-2.0
#include "mqtt/properties.hpp"

namespace tenon::mqtt {
namespace {

enum class Type : std::uint8_t { none, flag, u16, u32, variable, text, binary, pair };

constexpr unsigned bit_of(PropertyPlace place) { return 1U << static_cast<unsigned>(place); }
template <class... Places>
constexpr std::uint16_t in(Places... places) {
  return static_cast<std::uint16_t>((bit_of(places) | ...));
}

/// One property: how it is written, where it may stand, whether 0 is forbidden, and its slot among the texts.
struct Rule {
  Type type = Type::none;
  std::uint16_t places = 0;
  bool not_zero = false;
  std::uint8_t slot = 0;
};

constexpr std::array<Rule, 0x2B> make_rules() {
  using P = PropertyPlace;
  std::array<Rule, 0x2B> rules{};
  const auto message = in(P::publish, P::will);
  rules[0x01] = {Type::flag, message};
  rules[0x02] = {Type::u32, message};
  rules[0x03] = {Type::text, message, false, 0};
  rules[0x08] = {Type::text, message, false, 1};
  rules[0x09] = {Type::binary, message, false, 2};
  rules[0x0B] = {Type::variable, in(P::publish, P::subscribe), true};
  rules[0x11] = {Type::u32, in(P::connect, P::connack, P::disconnect)};
  rules[0x12] = {Type::text, in(P::connack), false, 3};
  rules[0x13] = {Type::u16, in(P::connack)};
  rules[0x15] = {Type::text, in(P::connect, P::connack, P::auth), false, 4};
  rules[0x16] = {Type::binary, in(P::connect, P::connack, P::auth), false, 5};
  rules[0x17] = {Type::flag, in(P::connect)};
  rules[0x18] = {Type::u32, in(P::will)};
  rules[0x19] = {Type::flag, in(P::connect)};
  rules[0x1A] = {Type::text, in(P::connack), false, 6};
  rules[0x1C] = {Type::text, in(P::connack, P::disconnect), false, 7};
  rules[0x1F] = {Type::text, in(P::connack, P::puback, P::suback, P::disconnect, P::auth), false, 8};
  rules[0x21] = {Type::u16, in(P::connect, P::connack), true};
  rules[0x22] = {Type::u16, in(P::connect, P::connack)};
  rules[0x23] = {Type::u16, in(P::publish)};  // 0 has a code of its own
  rules[0x24] = {Type::flag, in(P::connack)};
  rules[0x25] = {Type::flag, in(P::connack)};
  rules[0x26] = {Type::pair, 0xFFFF};
  rules[0x27] = {Type::u32, in(P::connect, P::connack), true};
  rules[0x28] = {Type::flag, in(P::connack)};
  rules[0x29] = {Type::flag, in(P::connack)};
  rules[0x2A] = {Type::flag, in(P::connack)};
  return rules;
}
constexpr std::array<Rule, 0x2B> kRules = make_rules();

const Rule& rule_of(PropertyId id) noexcept { return kRules[static_cast<std::size_t>(id)]; }

std::size_t number_size(Type type, std::uint32_t value) noexcept {
  switch (type) {
    case Type::flag:
      return 1;
    case Type::u16:
      return 2;
    case Type::u32:
      return 4;
    default:
      return variable_size(value);
  }
}

void put_number(std::string& out, Type type, std::uint32_t value) {
  switch (type) {
    case Type::flag:
      return put_u8(out, static_cast<std::uint8_t>(value));
    case Type::u16:
      return put_u16(out, static_cast<std::uint16_t>(value));
    case Type::u32:
      return put_u32(out, value);
    default:
      return put_variable(out, value);
  }
}

std::uint32_t read_number(Reader& reader, const Rule& rule) {
  std::uint32_t value = 0;
  switch (rule.type) {
    case Type::flag:
      value = reader.u8();
      if (value > 1) reader.fail(ReasonCode::protocol_error, "a property that is 0 or 1 has another value");
      break;
    case Type::u16:
      value = reader.u16();
      break;
    case Type::u32:
      value = reader.u32();
      break;
    default:
      value = reader.variable();
  }
  if (rule.not_zero && value == 0) reader.fail(ReasonCode::protocol_error, "a property that must not be 0 is 0");
  return value;
}

bool is_text(Type type) noexcept { return type == Type::text || type == Type::binary; }

}  // namespace

std::optional<std::uint32_t> Properties::number(PropertyId id) const noexcept {
  if (!has(id)) return std::nullopt;
  return numbers_[static_cast<std::size_t>(id)];
}

std::optional<std::string_view> Properties::text(PropertyId id) const noexcept {
  if (!has(id)) return std::nullopt;
  return texts_[rule_of(id).slot];
}

void Properties::set(PropertyId id, std::uint32_t value) noexcept {
  present_ |= std::uint64_t{1} << bit(id);
  numbers_[static_cast<std::size_t>(id)] = value;
}

void Properties::set(PropertyId id, std::string_view value) noexcept {
  present_ |= std::uint64_t{1} << bit(id);
  texts_[rule_of(id).slot] = value;
}

void Properties::decode(Reader& reader, PropertyPlace place) {
  const std::uint32_t size = reader.variable();
  Reader block(reader.take(size));
  if (reader.failed()) return;
  decode_block(block, place);
  if (block.failed()) reader.fail(block.violation()->code, block.violation()->what);
}

void Properties::decode_block(Reader& reader, PropertyPlace place) {
  while (reader.left() > 0) decode_one(reader, place);
  if (has(PropertyId::authentication_data) && !has(PropertyId::authentication_method)) {
    reader.fail(ReasonCode::protocol_error, "authentication data without a method");
  }
}

void Properties::decode_one(Reader& reader, PropertyPlace place) {
  const std::uint32_t id_number = reader.variable();
  if (reader.failed()) return;
  if (id_number >= kIds || kRules[id_number].type == Type::none) return reader.malformed("an unknown property");
  const Rule& rule = kRules[id_number];
  if ((rule.places & in(place)) == 0) return reader.malformed("a property that this packet does not have");
  if (rule.type == Type::pair) {
    const std::string_view name = reader.text();
    const std::string_view value = reader.text();
    if (!reader.failed()) user_properties.emplace_back(name, value);
    return;
  }
  const auto id = static_cast<PropertyId>(id_number);
  if (id == PropertyId::subscription_identifier) {
    if (place == PropertyPlace::subscribe && !subscription_identifiers.empty()) {
      return reader.fail(ReasonCode::protocol_error, "a property stands twice");
    }
    subscription_identifiers.push_back(read_number(reader, rule));
    return;
  }
  if (has(id)) return reader.fail(ReasonCode::protocol_error, "a property stands twice");
  if (rule.type == Type::text) return set(id, reader.text());
  if (rule.type == Type::binary) return set(id, reader.binary());
  set(id, read_number(reader, rule));
}

std::size_t Properties::block_size() const noexcept {
  std::size_t size = 0;
  for (std::uint64_t rest = present_; rest != 0; rest &= rest - 1) {
    const auto id = static_cast<std::size_t>(__builtin_ctzll(rest));
    const Rule& rule = kRules[id];
    size += 1 + (is_text(rule.type) ? 2 + texts_[rule.slot].size() : number_size(rule.type, numbers_[id]));
  }
  for (const std::uint32_t id : subscription_identifiers) size += 1 + variable_size(id);
  for (const auto& [name, value] : user_properties) size += 5 + name.size() + value.size();
  return size;
}

void Properties::encode_block(std::string& out) const {
  for (std::uint64_t rest = present_; rest != 0; rest &= rest - 1) {
    const auto id = static_cast<std::size_t>(__builtin_ctzll(rest));
    const Rule& rule = kRules[id];
    put_u8(out, static_cast<std::uint8_t>(id));
    if (is_text(rule.type)) {
      put_string(out, texts_[rule.slot]);
    } else {
      put_number(out, rule.type, numbers_[id]);
    }
  }
  for (const std::uint32_t id : subscription_identifiers) {
    put_u8(out, static_cast<std::uint8_t>(PropertyId::subscription_identifier));
    put_variable(out, id);
  }
  for (const auto& [name, value] : user_properties) {
    put_u8(out, static_cast<std::uint8_t>(PropertyId::user_property));
    put_string(out, name);
    put_string(out, value);
  }
}

void Properties::encode(std::string& out) const {
  put_variable(out, static_cast<std::uint32_t>(block_size()));
  encode_block(out);
}

}  // namespace tenon::mqtt
