// SPDX-License-Identifier: Apache-2.0
#include "record/record_encoder.hpp"

#include "record/crc32.hpp"

namespace tenon::record {
namespace {

/// Writes fields one after the other.
class Cursor {
 public:
  explicit Cursor(std::byte* at) noexcept : at_(at) {}

  template <std::integral Integer>
  void integer(Integer value) noexcept {
    store_big(at_, value);
    at_ += sizeof value;
  }
  void bytes(const void* from, std::size_t size) noexcept {
    if (size != 0) std::memcpy(at_, from, size);
    at_ += size;
  }
  void host(const HostAddress& address) noexcept {
    // Of a size that the compiler knows: no call.
    address.is_v6() ? bytes(address.bytes().data(), 16) : bytes(address.bytes().data(), 4);
    integer(static_cast<std::int32_t>(address.port()));
  }

 private:
  std::byte* at_;
};

std::int32_t with_host_bits(const Message& message) noexcept {
  std::int32_t flags = message.sys_flag & ~(sys_flag::born_host_v6 | sys_flag::store_host_v6);
  if (message.born_host.is_v6()) flags |= sys_flag::born_host_v6;
  if (message.store_host.is_v6()) flags |= sys_flag::store_host_v6;
  return flags;
}

Error too_large(const Message& message, std::string_view what, std::size_t size, std::size_t limit) {
  return {Errc::message_illegal,
          text("message for topic ", message.topic, ": ", what, " of ", size, " bytes, the limit is ", limit)};
}

}  // namespace

Status refuse_sizes(const Message& message, const SizeLimits& limits) {
  if (message.topic.empty()) return Error(Errc::message_illegal, "message without a topic");
  if (message.topic.size() > kTopicSizeMax) return too_large(message, "topic", message.topic.size(), kTopicSizeMax);
  if (message.body.size() > limits.body_bytes_max) {
    return too_large(message, "body", message.body.size(), limits.body_bytes_max);
  }
  if (message.properties.size() > kPropertiesSizeMax) {
    return too_large(message, "properties", message.properties.size(), kPropertiesSizeMax);
  }
  return Error(Errc::message_illegal, text("message for topic ", message.topic, ": queue id ", message.queue_id));
}

std::size_t encode(const Message& message, std::byte* out) noexcept {
  const std::size_t size = encoded_size(message);
  const bool long_topic = message.topic.size() > kTopicSizeMaxV1;
  Cursor to(out);
  to.integer(static_cast<std::int32_t>(size));
  to.integer(static_cast<std::int32_t>(long_topic ? Magic::v2 : Magic::v1));
  to.integer(masked_crc32(message.body));
  to.integer(message.queue_id);
  to.integer(message.flag);
  to.integer(std::int64_t{0});  // queueOffset, see patch()
  to.integer(std::int64_t{0});  // phyOffset
  to.integer(with_host_bits(message));
  to.integer(message.born_timestamp_ms);
  to.host(message.born_host);
  to.integer(std::int64_t{0});  // storeTimestamp
  to.host(message.store_host);
  to.integer(message.reconsume_times);
  to.integer(message.prepared_transaction_offset.value);
  to.integer(static_cast<std::int32_t>(message.body.size()));
  to.bytes(message.body.data(), message.body.size());
  if (long_topic) {
    to.integer(static_cast<std::int16_t>(message.topic.size()));
  } else {
    to.integer(static_cast<std::int8_t>(message.topic.size()));
  }
  to.bytes(message.topic.data(), message.topic.size());
  to.integer(static_cast<std::int16_t>(message.properties.size()));
  to.bytes(message.properties.data(), message.properties.size());
  return size;
}

void encode_blank(std::byte* out, std::int32_t rest) noexcept {
  store_big(out, rest);
  store_big(out + 4, static_cast<std::int32_t>(Magic::blank));
}

}  // namespace tenon::record
