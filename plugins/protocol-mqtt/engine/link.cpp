// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/link.hpp"

#include <algorithm>
#include <utility>

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using mqtt::Violation;

namespace {

/// A connection that has not said CONNECT by then is closed.
constexpr std::int64_t kConnectTimeoutMs = 10'000;
/// The same for one whose handshake nobody gets to go on with, or whose password nobody gets to check.
constexpr std::int64_t kOurTimeoutMs = 60'000;
constexpr std::size_t kConnectBytesMax = 384 * 1024;

}  // namespace

Link::Link(Engine& engine, Transport& transport, const HostAddress& remote_address)
    : engine_(engine), transport_(transport), remote_address_(remote_address) {
  last_seen_ms_ = opened_at_ms_ = engine_.outside().steady_ms();
  engine_.opened(*this);
}

Link::~Link() { engine_.closed(*this); }

/// A stranger may make us keep no more than the largest sensible CONNECT.
std::size_t Link::packet_limit() const noexcept {
  const std::size_t limit = engine_.settings().packet_bytes_max;
  return session_ ? limit : std::min(limit, kConnectBytesMax);
}

std::size_t Link::receive(std::string_view bytes) {
  std::size_t served = 0;
  while (!finished_ && !must_rest()) {
    const auto version = got_connect_ ? std::optional(version_) : std::nullopt;
    const auto frame = mqtt::next_frame(bytes.substr(served), packet_limit(), version);
    if (!frame) {
      violated(frame.error(), nullptr);
      break;
    }
    if (!*frame) break;
    served += (*frame)->size;
    ++engine_.counters().packets_received;
    engine_.counters().bytes_received += (*frame)->size;
    last_seen_ms_ = engine_.outside().steady_ms();
    handle(**frame);
  }
  return served;
}

void Link::handle(const mqtt::Frame& frame) {
  const bool is_connect = frame.type == PacketType::connect;
  if (is_connect == got_connect_) {
    constexpr Violation kSecond{ReasonCode::protocol_error, "a second CONNECT"};
    constexpr Violation kFirst{ReasonCode::protocol_error, "the first packet is not CONNECT"};
    return violated(is_connect ? kSecond : kFirst, nullptr);
  }
  const bool logging_in = got_connect_ && !session_;
  if (logging_in && frame.type != PacketType::auth && frame.type != PacketType::disconnect) {
    return refuse_login(ReasonCode::protocol_error, "a packet before the authentication is over");
  }
  const auto packet = mqtt::decode(frame, version_);
  if (!packet) return violated(packet.error(), &frame);
  if (const auto* connect = std::get_if<mqtt::Connect>(&*packet)) return on_connect(*connect, frame.body);
  std::visit([this](const auto& it) { on(it); }, *packet);
}

void Link::violated(const Violation& violation, const mqtt::Frame* frame) {
  if (session_) return disconnect(violation.code, violation.what, LinkEnd::with_will);
  if (got_connect_) return refuse_login(violation.code, violation.what);
  if (frame != nullptr && frame->type == PacketType::connect) {
    if (const auto level = mqtt::protocol_level_of(frame->body)) {
      return refuse_connect(*level, violation.code, violation.what);
    }
  }
  finish(violation.what, LinkEnd::with_will);
}

/// Counts what was appended to the output, or takes it back: the client's limit is for every packet (MQTT-3.1.2-24).
bool Link::sent_from(std::size_t begin) {
  const std::size_t bytes = output_.size() - begin;
  if (bytes > packet_bytes_max_) {
    output_.resize(begin);
    return false;
  }
  ++engine_.counters().packets_sent;
  engine_.counters().bytes_sent += bytes;
  transport_.output_ready();
  return true;
}

bool Link::send(const mqtt::Packet& packet) {
  const std::size_t begin = output_.size();
  mqtt::encode(packet, version_, output_);
  return sent_from(begin);
}

void Link::send_answer(PacketType type, std::uint16_t packet_id, ReasonCode reason) {
  mqtt::PublishAnswer answer;
  answer.type = type;
  answer.packet_id = packet_id;
  answer.reason = reason;
  const std::size_t begin = output_.size();
  mqtt::encode(answer, version_, output_);
  sent_from(begin);
}

void Link::disconnect(ReasonCode reason, std::string_view why, LinkEnd end) {
  if (finished_) return;
  if (session_ && v5()) {
    mqtt::Closing closing;
    closing.reason = reason;
    if (problem_information_) closing.properties.set(PropertyId::reason_string, why);
    if (!send(closing)) {
      closing.properties.remove(PropertyId::reason_string);
      send(closing);
    }
  }
  finish(why, end);
}

void Link::finish(std::string_view reason, LinkEnd end) {
  if (finished_) return;
  finished_ = true;
  judgement_.reset();
  engine_.closed(*this);
  transport_.finish(reason);
  leave_session(end);
}

void Link::leave_session(LinkEnd end) {
  const std::shared_ptr<Session> session = std::move(session_);
  if (!session) return;
  ended_kept_ = session->kept();
  engine_.detach(*session, end);
}

void Link::lost(std::string_view) {
  if (finished_) return;
  finished_ = true;
  judgement_.reset();
  engine_.closed(*this);
  leave_session(LinkEnd::with_will);
}

bool Link::must_rest() const noexcept { return failed_ || judgement_ || waits_for_store() || output_full(); }

void Link::output_drained() {
  unsent_ = 0;
  if (session_) engine_.pump(*session_);
}

std::int64_t Link::look_at_ms() const noexcept {
  constexpr std::int64_t kNever = INT64_MAX / 2;
  if (!session_) return opened_at_ms_ + kConnectTimeoutMs;
  return keep_alive_s_ == 0 ? kNever : last_seen_ms_ + std::int64_t{1500} * keep_alive_s_;
}

void Link::check_timeout(std::int64_t steady_ms) {
  if (waits_for_store()) last_seen_ms_ = steady_ms;  // it is not heard meanwhile, whatever it says
  if (steady_ms <= look_at_ms()) return;
  if (waits_for_us() && steady_ms <= opened_at_ms_ + kOurTimeoutMs) return;
  if (!session_) return finish("no CONNECT in time", LinkEnd::with_will);
  disconnect(ReasonCode::keep_alive_timeout, "keep-alive timeout", LinkEnd::with_will);
}

void Link::on(const mqtt::Ping& ping) {
  if (ping.type != PacketType::pingreq) return unexpected();
  send(mqtt::Ping{PacketType::pingresp});
}

void Link::on(const mqtt::Closing& closing) {
  if (closing.type == PacketType::auth) return on_auth(closing);
  if (!session_) return finish("DISCONNECT", LinkEnd::normal);
  if (const auto expiry = closing.properties.number(PropertyId::session_expiry_interval)) {
    if (session_->expiry_s == 0 && *expiry != 0) {
      return violated({ReasonCode::protocol_error, "DISCONNECT raises a session expiry of 0"}, nullptr);
    }
    engine_.touch(*session_);
    engine_.set_expiry(*session_, std::min(*expiry, engine_.settings().session_expiry_max_s));
  }
  const bool normal = closing.reason == ReasonCode::success;
  finish("DISCONNECT", normal ? LinkEnd::normal : LinkEnd::with_will);
}

}  // namespace tenon::protocol_mqtt
