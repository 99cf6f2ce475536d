// SPDX-License-Identifier: Apache-2.0
#include "record/record_view.hpp"

#include <array>

namespace tenon::record {
namespace {

HostAddress read_host(const std::byte* from, bool v6) {
  const auto* address = reinterpret_cast<const std::uint8_t*>(from);
  const std::size_t size = v6 ? 16 : 4;
  const auto port = static_cast<std::uint16_t>(load_big<std::int32_t>(from + size));
  if (v6) {
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), address, bytes.size());
    return HostAddress::v6(bytes, port);
  }
  return HostAddress::v4({address[0], address[1], address[2], address[3]}, port);
}

Error malformed(std::string_view field, std::int64_t value, std::size_t available) {
  return {Errc::corrupt, text("record: ", field, " is ", value, " with ", available, " bytes left")};
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Takes a length of type Length and that many bytes off `rest`; false if they are not there.
template <class Length>
bool take_block(std::span<const std::byte>& rest, std::span<const std::byte>& block, std::int64_t& length) {
  length = -1;
  if (rest.size() < sizeof(Length)) return false;
  length = load_big<Length>(rest.data());
  rest = rest.subspan(sizeof(Length));
  if (length < 0 || static_cast<std::uint64_t>(length) > rest.size()) return false;
  block = rest.first(static_cast<std::size_t>(length));
  rest = rest.subspan(static_cast<std::size_t>(length));
  return true;
}

}  // namespace

Result<RecordView> RecordView::decode(std::span<const std::byte> bytes) {
  if (bytes.size() < kMinRecordSize) return malformed("length", static_cast<std::int64_t>(bytes.size()), bytes.size());
  const auto total = load_big<std::int32_t>(bytes.data());
  if (total < static_cast<std::int32_t>(kMinRecordSize) || static_cast<std::size_t>(total) > bytes.size()) {
    return malformed("totalSize", total, bytes.size());
  }
  RecordView view;
  view.bytes_ = bytes.first(static_cast<std::size_t>(total));
  const Magic magic = view.magic();
  if (magic != Magic::v1 && magic != Magic::v2)
    return malformed("magic", static_cast<std::int64_t>(magic), bytes.size());

  const std::size_t fixed = view.after_hosts() + 4 + 8;
  if (fixed > view.bytes_.size()) return malformed("sysFlag", view.sys_flag(), bytes.size());
  std::span<const std::byte> rest = view.bytes_.subspan(fixed);
  std::span<const std::byte> topic, properties;
  std::int64_t length = 0;
  if (!take_block<std::int32_t>(rest, view.body_, length)) return malformed("bodyLength", length, rest.size());
  const bool topic_fits =
      magic == Magic::v2 ? take_block<std::int16_t>(rest, topic, length) : take_block<std::int8_t>(rest, topic, length);
  if (!topic_fits) return malformed("topicLength", length, rest.size());
  if (!take_block<std::int16_t>(rest, properties, length)) return malformed("propertiesLength", length, rest.size());
  if (!rest.empty()) return malformed("totalSize", total, rest.size());
  view.topic_ = as_text(topic);
  view.properties_ = as_text(properties);
  return view;
}

HostAddress RecordView::born_host() const { return read_host(bytes_.data() + position::born_host, born_host_v6()); }

HostAddress RecordView::store_host() const {
  return read_host(bytes_.data() + store_timestamp_position() + 8, store_host_v6());
}

Message RecordView::message() const {
  Message message;
  message.topic = topic_;
  message.queue_id = queue_id();
  message.flag = flag();
  message.sys_flag = sys_flag();
  message.born_timestamp_ms = born_timestamp_ms();
  message.born_host = born_host();
  message.store_host = store_host();
  message.reconsume_times = reconsume_times();
  message.prepared_transaction_offset = prepared_transaction_offset();
  message.properties = properties_;
  message.body = body_;
  return message;
}

}  // namespace tenon::record
