// SPDX-License-Identifier: Apache-2.0
#include "mqtt/control_client.hpp"

#include <exception>
#include <utility>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "mqtt/codec.hpp"
#include "mqtt/control_failure.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

using mqtt::ReasonCode;

constexpr auto kVersion = mqtt::ProtocolVersion::v5;
constexpr std::string_view kTopic = "$CONTROL/tenon/v1";
constexpr std::string_view kAnswerTopic = "$CONTROL/tenon/v1/response";

std::string encoded(const mqtt::Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, kVersion, bytes);
  return bytes;
}

/// The packet, which must be of this kind; borrows `bytes`.
template <class Kind>
Kind expected(const std::string& bytes) {
  const auto frame = mqtt::next_frame(bytes, bytes.size(), kVersion);
  if (!frame || !*frame) fail_control("the broker has sent what is no MQTT");
  const auto packet = mqtt::decode(**frame, kVersion);
  if (!packet) fail_control(text("the broker has sent a bad packet: ", packet.error().what));
  if (const auto* closing = std::get_if<mqtt::Closing>(&*packet)) {
    const auto why = closing->properties.text(mqtt::PropertyId::reason_string);
    fail_control(text("the broker has ended the connection: ", why.value_or("without a reason")));
  }
  const auto* it = std::get_if<Kind>(&*packet);
  if (it == nullptr) fail_control("the broker has sent another packet than the answer");
  return *it;
}

}  // namespace

ControlClient::ControlClient(const ControlOptions& options) : stream_(options.address, options.tls) { log_in(options); }

ControlClient::~ControlClient() {
  try {
    stream_.send(encoded(mqtt::Closing{}));
  } catch (const std::exception&) {  // it ends anyway
  }
}

void ControlClient::log_in(const ControlOptions& options) {
  mqtt::Connect connect;
  connect.version = kVersion;
  if (!options.user.empty()) {
    connect.user_name = options.user;
    connect.password = options.password;
  }
  stream_.send(encoded(connect));
  const std::string connack = receive();
  if (const auto code = expected<mqtt::Connack>(connack).code; code != 0) {
    fail_control(text("the broker refuses the connection with code ", static_cast<unsigned>(code)));
  }
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({kAnswerTopic, {}});
  stream_.send(encoded(subscribe));
  const std::string suback = receive();
  if (is_error(expected<mqtt::SubscribeAnswer>(suback).codes.front()))
    fail_control("the broker refuses the subscription");
}

fastjson::Value ControlClient::ask(std::string_view request) {
  mqtt::Publish publish;
  publish.topic = kTopic;
  publish.payload = request;
  publish.qos = 1;
  publish.packet_id = 1;
  stream_.send(encoded(publish));
  const std::string puback = receive();
  const ReasonCode verdict = expected<mqtt::PublishAnswer>(puback).reason;
  if (verdict == ReasonCode::not_authorized) {
    fail_control("not authorized: ask from the broker's own machine, as a user who may write to $CONTROL/tenon/v1");
  }
  if (is_error(verdict))
    fail_control(text("the broker refuses the request with code ", static_cast<unsigned>(verdict)));
  const std::string bytes = receive();
  fastjson::Value answer = fastjson::parse(expected<mqtt::Publish>(bytes).payload).value();
  if (answer.find("error") != nullptr) fail_control(answer.text_or("error", ""));
  return answer;
}

std::vector<fastjson::Value> ControlClient::rows(std::string_view command, std::size_t limit) {
  std::vector<fastjson::Value> rows;
  std::string after;
  while (rows.size() < limit) {
    std::string request;
    fastjson::Writer(request).begin_object().member("command", command).member("after", after).end_object();
    const fastjson::Value page = ask(request);
    const fastjson::Value* found = page.find("rows");
    if (found == nullptr) fail_control("the broker's answer has no rows");
    rows.insert(rows.end(), found->elements().begin(), found->elements().end());
    if (page.find("next") == nullptr) break;
    after = page.text_or("next", "");
  }
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

bool ControlClient::kick(std::string_view client) {
  std::string request;
  fastjson::Writer(request).begin_object().member("command", "kick").member("client", client).end_object();
  return ask(request).bool_or("kicked", false);
}

std::string ControlClient::receive() {
  while (true) {
    const auto header = mqtt::read_fixed_header(input_, std::size_t{64} << 20, kVersion);
    if (!header) fail_control("the broker has sent what is no MQTT");
    if (*header && input_.size() >= (*header)->packet_bytes) {
      std::string packet = input_.substr(0, (*header)->packet_bytes);
      input_.erase(0, packet.size());
      return packet;
    }
    input_ += stream_.receive();
  }
}

}  // namespace tenon::cli
