// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_records.hpp"

#include "mqtt/wire.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::put_u16;
using mqtt::put_u32;
using mqtt::put_u8;

void put_u64(std::string& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value >> 32));
  put_u32(out, static_cast<std::uint32_t>(value));
}
void put_i64(std::string& out, std::int64_t value) { put_u64(out, static_cast<std::uint64_t>(value)); }
void put_text(std::string& out, std::string_view text) {
  put_u32(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// Writes type and length around what is appended in its scope.
class Record {
 public:
  Record(std::string& out, SessionRecord type) : out_(out) {
    put_u8(out, static_cast<std::uint8_t>(type));
    start_ = out.size();
    put_u32(out, 0);
  }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() {
    std::string length;
    put_u32(length, static_cast<std::uint32_t>(out_.size() - start_ - 4));
    out_.replace(start_, 4, length);
  }

 private:
  std::string& out_;
  std::size_t start_ = 0;
};

void put_delivery(std::string& out, const Delivery& delivery, std::span<const std::uint32_t> identifiers) {
  put_i64(out, delivery.place.value);
  put_u8(out, delivery.qos);
  put_u8(out, delivery.retain ? 1 : 0);
  put_u32(out, static_cast<std::uint32_t>(identifiers.size()));
  for (const std::uint32_t id : identifiers) put_u32(out, id);
}

void put_message(std::string& out, const OwnedMessage& message) {
  put_text(out, message.topic);
  put_text(out, message.payload);
  put_text(out, message.properties);
  put_text(out, message.publisher);
  put_i64(out, message.expires_at_ms);
  put_u8(out, message.qos);
  put_i64(out, message.place.value);
}

unsigned options_byte(const mqtt::SubscriptionOptions& options) {
  return options.qos | (options.no_local ? 4U : 0U) | (options.retain_as_published ? 8U : 0U) |
         static_cast<unsigned>(options.retain_handling) << 4U;
}

void put_outbound(std::string& out, const Session& session) {
  const Outbound* outbound = session.kept() ? session.outbound_if_any() : nullptr;
  put_u16(out, outbound ? outbound->last_packet_id() : std::uint16_t{0});
  put_u64(out, outbound ? outbound->waiting_first : 0);
  put_u32(out, outbound ? static_cast<std::uint32_t>(outbound->inflight().size()) : 0);
  if (outbound == nullptr) return;
  for (const Inflight& inflight : outbound->inflight()) {
    put_u16(out, inflight.packet_id);
    put_u8(out, inflight.received ? 1 : 0);
    put_delivery(out, inflight.delivery, outbound->identifiers(inflight.delivery.ids));
  }
}

}  // namespace

void put_session(std::string& out, const Session& session) {
  const Record record(out, SessionRecord::session);
  put_text(out, session.client_id);
  put_text(out, session.user_name);
  put_u32(out, session.expiry_s);
  put_i64(out, session.disconnected_at_ms);
  put_u8(out, session.will ? 1 : 0);
  if (session.will) {
    put_message(out, session.will->message);
    put_u32(out, session.will->delay_s);
    put_u8(out, session.will->retain ? 1 : 0);
  }
  put_outbound(out, session);
  put_u32(out, static_cast<std::uint32_t>(session.inbound.size()));
  for (const InboundId& id : session.inbound) {
    put_u16(out, id.packet_id);
    put_u8(out, id.stored || id.in_log ? 1 : 0);
  }
}

void put_subscriptions(std::string& out, const Session& session) {
  const Record record(out, SessionRecord::subscriptions);
  put_text(out, session.client_id);
  put_u32(out, static_cast<std::uint32_t>(session.subscriptions.size()));
  for (const auto& subscription : session.subscriptions) {
    put_text(out, subscription->filter());
    put_u8(out, static_cast<std::uint8_t>(options_byte(subscription->options)));
    put_u32(out, subscription->identifier);
  }
}

void put_waiting(std::string& out, Session& session, std::uint64_t number, const Delivery& delivery) {
  const Record record(out, SessionRecord::waiting);
  put_text(out, session.client_id);
  put_u64(out, number);
  put_delivery(out, delivery, session.outbound().identifiers(delivery.ids));
}

void put_ended(std::string& out, std::string_view client_id) {
  const Record record(out, SessionRecord::ended);
  put_text(out, client_id);
}

void put_retained(std::string& out, const OwnedMessage& message) {
  const Record record(out, SessionRecord::retained);
  put_message(out, message);
}

void put_not_retained(std::string& out, std::string_view topic) {
  const Record record(out, SessionRecord::not_retained);
  put_text(out, topic);
}

void put_queue(std::string& out, std::string_view topic, std::int32_t queue_id, QueueOffset next) {
  const Record record(out, SessionRecord::queue);
  put_text(out, topic);
  put_u32(out, static_cast<std::uint32_t>(queue_id));
  put_i64(out, next.value);
}

void put_group(std::string& out, const ShareGroup& group) {
  const Record record(out, SessionRecord::group);
  put_text(out, group.text());
  put_u64(out, group.waiting_first);
}

void put_group_waiting(std::string& out, const ShareGroup& group, std::uint64_t number, const Delivery& delivery) {
  const Record record(out, SessionRecord::group_waiting);
  put_text(out, group.text());
  put_u64(out, number);
  put_delivery(out, delivery, {});
}

void put_group_lent(std::string& out, SessionRecord kind, const ShareGroup& group, PhysicalOffset place) {
  const Record record(out, kind);
  put_text(out, group.text());
  put_i64(out, place.value);
}

void put_group_ended(std::string& out, std::string_view shared_filter) {
  const Record record(out, SessionRecord::group_ended);
  put_text(out, shared_filter);
}

void put_queues_void(std::string& out) { const Record record(out, SessionRecord::queues_void); }

void put_part(std::string& out, SessionRecord kind, std::string_view bytes) {
  const Record record(out, kind);
  out.append(bytes);
}

void put_checkpoint(std::string& out) { const Record record(out, SessionRecord::checkpoint); }

}  // namespace tenon::protocol_mqtt
