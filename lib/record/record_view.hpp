// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "record/layout.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/properties.hpp"

namespace tenon::record {

/// One commit-log record, decoded where it lies. Every length was checked by decode(), so the accessors are plain
/// reads. Ownership: borrows the bytes. Threads: immutable.
class RecordView {
 public:
  /// The record at the start of `bytes`, which may be longer. Error: corrupt, with the field that does not fit.
  /// CRCs are not checked here.
  static Result<RecordView> decode(std::span<const std::byte> bytes);
  /// The same for who need not know what does not fit.
  static std::optional<RecordView> decode_if_whole(std::span<const std::byte> bytes) noexcept;

  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::int32_t total_size() const noexcept { return integer<std::int32_t>(position::total_size); }
  Magic magic() const noexcept { return static_cast<Magic>(integer<std::int32_t>(position::magic)); }
  std::int32_t body_crc() const noexcept { return integer<std::int32_t>(position::body_crc); }
  std::int32_t queue_id() const noexcept { return integer<std::int32_t>(position::queue_id); }
  std::int32_t flag() const noexcept { return integer<std::int32_t>(position::flag); }
  QueueOffset queue_offset() const noexcept { return {integer<std::int64_t>(position::queue_offset)}; }
  PhysicalOffset physical_offset() const noexcept { return {integer<std::int64_t>(position::physical_offset)}; }
  std::int32_t sys_flag() const noexcept { return integer<std::int32_t>(position::sys_flag); }
  std::int64_t born_timestamp_ms() const noexcept { return integer<std::int64_t>(position::born_timestamp); }
  HostAddress born_host() const;
  std::int64_t store_timestamp_ms() const noexcept { return integer<std::int64_t>(store_timestamp_position()); }
  HostAddress store_host() const;
  std::int32_t reconsume_times() const noexcept { return integer<std::int32_t>(after_hosts()); }
  PhysicalOffset prepared_transaction_offset() const noexcept { return {integer<std::int64_t>(after_hosts() + 4)}; }
  std::span<const std::byte> body() const noexcept { return body_; }
  std::string_view topic() const noexcept { return topic_; }
  PropertiesView properties() const noexcept { return PropertiesView(properties_); }

  /// The message as it was appended; its views borrow the record's bytes.
  Message message() const;

 private:
  struct Misfit;
  static std::optional<RecordView> parse(std::span<const std::byte> bytes, Misfit& misfit) noexcept;

  template <class Integer>
  Integer integer(std::size_t at) const noexcept {
    return load_big<Integer>(bytes_.data() + at);
  }
  bool born_host_v6() const noexcept { return (sys_flag() & sys_flag::born_host_v6) != 0; }
  bool store_host_v6() const noexcept { return (sys_flag() & sys_flag::store_host_v6) != 0; }
  std::size_t store_timestamp_position() const noexcept { return position::store_timestamp(born_host_v6()); }
  std::size_t after_hosts() const noexcept {
    return store_timestamp_position() + 8 + (store_host_v6() ? kHostSizeV6 : kHostSizeV4);
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> body_;
  std::string_view topic_;
  std::string_view properties_;
};

/// Store time of a record that is known to be whole.
inline std::int64_t store_timestamp_of(const std::byte* record) noexcept {
  const bool v6 = (load_big<std::int32_t>(record + position::sys_flag) & sys_flag::born_host_v6) != 0;
  return load_big<std::int64_t>(record + position::store_timestamp(v6));
}

}  // namespace tenon::record
