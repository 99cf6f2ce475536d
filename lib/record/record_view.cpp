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

/// Takes a big-endian length off `left` bytes at `at`, and that many bytes behind it.
template <class Length>
bool take_block(const std::byte*& at, std::int64_t& left, const std::byte*& block, std::int64_t& length) noexcept {
  length = -1;
  if (left < static_cast<std::int64_t>(sizeof(Length))) return false;
  length = load_big<Length>(at);
  block = at + sizeof(Length);
  left -= static_cast<std::int64_t>(sizeof(Length));
  if (length < 0 || length > left) return false;
  at = block + length;
  left -= length;
  return true;
}

}  // namespace

/// What does not fit.
struct RecordView::Misfit {
  std::string_view field;
  std::int64_t value = 0;
  std::int64_t available = 0;

  std::nullopt_t note(std::string_view name, std::int64_t number, std::int64_t bytes_left) noexcept {
    field = name;
    value = number;
    available = bytes_left;
    return std::nullopt;
  }
};

// Every record comes through here, on its way out and to the key index: no error is made before somebody wants it.
[[gnu::always_inline]] inline std::optional<RecordView> RecordView::parse(std::span<const std::byte> bytes,
                                                                          Misfit& misfit) noexcept {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (bytes.size() < kMinRecordSize) return misfit.note("length", size, size);
  const auto total = load_big<std::int32_t>(bytes.data());
  if (total < static_cast<std::int32_t>(kMinRecordSize) || total > size) return misfit.note("totalSize", total, size);
  RecordView view;
  view.bytes_ = bytes.first(static_cast<std::size_t>(total));
  const Magic magic = view.magic();
  if (magic != Magic::v1 && magic != Magic::v2) return misfit.note("magic", static_cast<std::int64_t>(magic), size);

  const std::size_t fixed = view.after_hosts() + 4 + 8;
  std::int64_t left = total - static_cast<std::int64_t>(fixed), length = 0;
  if (left < 0) return misfit.note("sysFlag", view.sys_flag(), size);
  const std::byte *at = bytes.data() + fixed, *block = nullptr;
  if (!take_block<std::int32_t>(at, left, block, length)) return misfit.note("bodyLength", length, left);
  view.body_ = {block, static_cast<std::size_t>(length)};
  const bool topic_fits = magic == Magic::v1 ? take_block<std::int8_t>(at, left, block, length)
                                             : take_block<std::int16_t>(at, left, block, length);
  if (!topic_fits) return misfit.note("topicLength", length, left);
  view.topic_ = {reinterpret_cast<const char*>(block), static_cast<std::size_t>(length)};
  if (!take_block<std::int16_t>(at, left, block, length)) return misfit.note("propertiesLength", length, left);
  view.properties_ = {reinterpret_cast<const char*>(block), static_cast<std::size_t>(length)};
  if (left != 0) return misfit.note("totalSize", total, left);
  return view;
}

std::optional<RecordView> RecordView::decode_if_whole(std::span<const std::byte> bytes) noexcept {
  Misfit misfit;
  return parse(bytes, misfit);
}

Result<RecordView> RecordView::decode(std::span<const std::byte> bytes) {
  Misfit misfit;
  if (const auto view = parse(bytes, misfit)) return *view;
  return Error(Errc::corrupt,
               text("record: ", misfit.field, " is ", misfit.value, " with ", misfit.available, " bytes left"));
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
