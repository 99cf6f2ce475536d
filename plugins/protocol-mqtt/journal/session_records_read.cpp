// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mqtt/wire.hpp"
#include "protocol-mqtt/journal/session_records.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Reader;

std::uint64_t read_u64(Reader& in) {
  const std::uint64_t high = in.u32();
  return high << 32 | in.u32();
}
std::int64_t read_i64(Reader& in) { return static_cast<std::int64_t>(read_u64(in)); }
std::string read_text(Reader& in) { return std::string(in.take(in.u32())); }

/// A count of things of at least `bytes` each, so that a damaged one reserves nothing.
std::uint32_t read_count(Reader& in, std::size_t bytes) {
  const std::uint32_t count = in.u32();
  if (count > in.left() / bytes) in.malformed("a count beyond the record");
  return in.failed() ? 0 : count;
}

NotedDelivery read_delivery(Reader& in) {
  NotedDelivery noted;
  noted.delivery.place = PhysicalOffset{read_i64(in)};
  noted.delivery.qos = std::min<std::uint8_t>(in.u8(), 2);
  noted.delivery.retain = in.u8() != 0;
  const std::uint32_t count = read_count(in, 4);
  for (std::uint32_t i = 0; i < count; ++i) noted.identifiers.push_back(in.u32());
  return noted;
}

OwnedMessage read_message(Reader& in) {
  OwnedMessage message;
  message.topic = read_text(in);
  message.payload = read_text(in);
  message.properties = read_text(in);
  message.publisher = read_text(in);
  message.expires_at_ms = read_i64(in);
  message.qos = std::min<std::uint8_t>(in.u8(), 2);
  message.place = PhysicalOffset{read_i64(in)};
  return message;
}

void read_outbound(Reader& in, NotedSession& session) {
  session.last_packet_id = in.u16();
  session.waiting_first = read_u64(in);
  session.inflight.clear();
  const std::uint32_t count = read_count(in, 17);
  for (std::uint32_t i = 0; i < count; ++i) {
    NotedInflight inflight;
    inflight.packet_id = in.u16();
    inflight.received = in.u8() != 0;
    inflight.noted = read_delivery(in);
    session.inflight.push_back(std::move(inflight));
  }
  session.waiting.erase(session.waiting.begin(), session.waiting.lower_bound(session.waiting_first));
}

void read_session(Reader& in, NotedState& state) {
  NotedSession& session = state.sessions[read_text(in)];
  session.user_name = read_text(in);
  session.expiry_s = in.u32();
  session.disconnected_at_ms = read_i64(in);
  session.will.reset();
  if (in.u8() != 0) {
    auto will = std::make_shared<SessionWill>();
    will->message = read_message(in);
    will->delay_s = in.u32();
    will->retain = in.u8() != 0;
    session.will = std::move(will);
  }
  read_outbound(in, session);
  session.inbound.clear();
  const std::uint32_t count = read_count(in, 3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = in.u16();
    session.inbound.push_back({id, in.u8() != 0});
  }
}

void read_subscriptions(Reader& in, NotedState& state) {
  NotedSession& session = state.sessions[read_text(in)];
  session.subscriptions.clear();
  const std::uint32_t count = read_count(in, 9);
  for (std::uint32_t i = 0; i < count; ++i) {
    NotedSubscription subscription;
    subscription.filter = read_text(in);
    const std::uint8_t byte = in.u8();
    subscription.options.qos = std::min<std::uint8_t>(byte & 3U, 2);
    subscription.options.no_local = (byte & 4U) != 0;
    subscription.options.retain_as_published = (byte & 8U) != 0;
    subscription.options.retain_handling = static_cast<mqtt::RetainHandling>(byte >> 4U & 3U);
    subscription.identifier = in.u32();
    session.subscriptions.push_back(std::move(subscription));
  }
}

void read_waiting(Reader& in, NotedState& state) {
  NotedSession& session = state.sessions[read_text(in)];
  const std::uint64_t number = read_u64(in);
  NotedDelivery noted = read_delivery(in);
  if (!in.failed() && number >= session.waiting_first) session.waiting[number] = std::move(noted);
}

void read_queue(Reader& in, NotedState& state) {
  std::string topic = read_text(in);
  const auto queue_id = static_cast<std::int32_t>(in.u32());
  const QueueOffset next{read_i64(in)};
  if (in.failed()) return;
  state.queues_known = true;
  state.queues[{std::move(topic), queue_id}] = next;
}

void read_group(Reader& in, NotedState& state) {
  auto& waiting = state.groups[read_text(in)];
  waiting.erase(waiting.begin(), waiting.lower_bound(read_u64(in)));
}

void read_group_waiting(Reader& in, NotedState& state) {
  auto& waiting = state.groups[read_text(in)];
  const std::uint64_t number = read_u64(in);
  NotedDelivery noted = read_delivery(in);
  if (!in.failed()) waiting[number] = std::move(noted.delivery);
}

void read_group_lent(Reader& in, NotedState& state, bool lent) {
  auto& places = state.lent[read_text(in)];
  const PhysicalOffset place{read_i64(in)};
  if (in.failed()) return;
  if (lent) {
    places.insert(place);
  } else {
    places.erase(place);
  }
}

void read_group_ended(Reader& in, NotedState& state) {
  const std::string shared_filter = read_text(in);
  state.groups.erase(shared_filter);
  state.lent.erase(shared_filter);
}

/// False when the batch, whole now, is damaged. A part whose first one was not read belongs to nothing.
bool read_part(SessionRecord type, Reader& in, NotedState& state) {
  if (type == SessionRecord::part_first) state.parts.emplace();
  if (!state.parts) return true;
  state.parts->append(in.take_rest());
  if (type != SessionRecord::part_last) return true;
  const std::string whole = *std::exchange(state.parts, std::nullopt);
  return state.apply(whole);
}

void read_record(SessionRecord type, Reader& in, NotedState& state) {
  switch (type) {
    case SessionRecord::session:
      return read_session(in, state);
    case SessionRecord::subscriptions:
      return read_subscriptions(in, state);
    case SessionRecord::waiting:
      return read_waiting(in, state);
    case SessionRecord::ended:
      state.sessions.erase(read_text(in));
      return;
    case SessionRecord::retained: {
      auto message = std::make_shared<const OwnedMessage>(read_message(in));
      if (!in.failed()) state.retained[message->topic] = std::move(message);
      return;
    }
    case SessionRecord::not_retained:
      state.retained.erase(read_text(in));
      return;
    case SessionRecord::queue:
      return read_queue(in, state);
    case SessionRecord::queues_void:
      state.queues_known = false;
      state.queues.clear();
      return;
    case SessionRecord::group:
      return read_group(in, state);
    case SessionRecord::group_waiting:
      return read_group_waiting(in, state);
    case SessionRecord::group_ended:
      return read_group_ended(in, state);
    case SessionRecord::group_lent:
    case SessionRecord::group_settled:
      return read_group_lent(in, state, type == SessionRecord::group_lent);
    case SessionRecord::checkpoint:
      state = NotedState();
      state.has_checkpoint = true;
      return;
    case SessionRecord::part_first:
    case SessionRecord::part:
    case SessionRecord::part_last:
      if (!read_part(type, in, state)) in.malformed("a batch of parts");
      return;
  }
}

}  // namespace

bool NotedState::apply(std::string_view batch) {
  Reader in(batch);
  while (in.left() > 0) {
    const auto type = static_cast<SessionRecord>(in.u8());
    const std::uint32_t size = in.u32();
    Reader record(in.take(size));
    if (in.failed()) return false;
    read_record(type, record, *this);
    if (record.failed()) return false;
  }
  return true;
}

}  // namespace tenon::protocol_mqtt
