// SPDX-License-Identifier: Apache-2.0
#include "mqtt/control_client.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "mqtt/codec.hpp"
#include "tenon/error.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

using mqtt::ReasonCode;

constexpr auto kVersion = mqtt::ProtocolVersion::v5;
constexpr std::string_view kTopic = "$CONTROL/tenon/v1";
constexpr std::string_view kAnswerTopic = "$CONTROL/tenon/v1/response";
constexpr timeval kTimeout{10, 0};

[[noreturn]] void fail(std::string why) { throw Failure(Error(Errc::io, std::move(why))); }

int open_socket(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) fail(text("'", address, "' is not host:port"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);  // "[::1]:1883"
  const int error = ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (error != 0) fail(text("'", address, "': ", ::gai_strerror(error)));
  int socket = -1;
  for (const addrinfo* it = found; it != nullptr && socket < 0; it = it->ai_next) {
    socket = ::socket(it->ai_family, it->ai_socktype | SOCK_CLOEXEC, it->ai_protocol);
    if (socket < 0) continue;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);  // of connect(), too
    if (::connect(socket, it->ai_addr, it->ai_addrlen) == 0) continue;
    ::close(std::exchange(socket, -1));
  }
  ::freeaddrinfo(found);
  if (socket < 0) fail(text("cannot connect to ", address, ": ", std::strerror(errno)));
  return socket;
}

std::string encoded(const mqtt::Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, kVersion, bytes);
  return bytes;
}

/// The packet, which must be of this kind; borrows `bytes`.
template <class Kind>
Kind expected(const std::string& bytes) {
  const auto frame = mqtt::next_frame(bytes, bytes.size(), kVersion);
  if (!frame || !*frame) fail("the broker has sent what is no MQTT");
  const auto packet = mqtt::decode(**frame, kVersion);
  if (!packet) fail(text("the broker has sent a bad packet: ", packet.error().what));
  if (const auto* closing = std::get_if<mqtt::Closing>(&*packet)) {
    const auto why = closing->properties.text(mqtt::PropertyId::reason_string);
    fail(text("the broker has ended the connection: ", why.value_or("without a reason")));
  }
  const auto* it = std::get_if<Kind>(&*packet);
  if (it == nullptr) fail("the broker has sent another packet than the answer");
  return *it;
}

}  // namespace

ControlClient::ControlClient(const ControlOptions& options) : socket_(open_socket(options.address)) {
  try {
    log_in(options);
  } catch (...) {
    ::close(socket_);
    throw;
  }
}

ControlClient::~ControlClient() {
  const std::string farewell = encoded(mqtt::Closing{});
  static_cast<void>(::send(socket_, farewell.data(), farewell.size(), MSG_NOSIGNAL | MSG_DONTWAIT));  // it ends anyway
  ::close(socket_);
}

void ControlClient::log_in(const ControlOptions& options) {
  mqtt::Connect connect;
  connect.version = kVersion;
  if (!options.user.empty()) {
    connect.user_name = options.user;
    connect.password = options.password;
  }
  send(encoded(connect));
  const std::string connack = receive();
  if (const auto code = expected<mqtt::Connack>(connack).code; code != 0) {
    fail(text("the broker refuses the connection with code ", static_cast<unsigned>(code)));
  }
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({kAnswerTopic, {}});
  send(encoded(subscribe));
  const std::string suback = receive();
  if (is_error(expected<mqtt::SubscribeAnswer>(suback).codes.front())) fail("the broker refuses the subscription");
}

fastjson::Value ControlClient::ask(std::string_view request) {
  mqtt::Publish publish;
  publish.topic = kTopic;
  publish.payload = request;
  publish.qos = 1;
  publish.packet_id = 1;
  send(encoded(publish));
  const std::string puback = receive();
  const ReasonCode verdict = expected<mqtt::PublishAnswer>(puback).reason;
  if (verdict == ReasonCode::not_authorized) {
    fail("not authorized: ask from the broker's own machine, as a user who may write to $CONTROL/tenon/v1");
  }
  if (is_error(verdict)) fail(text("the broker refuses the request with code ", static_cast<unsigned>(verdict)));
  const std::string bytes = receive();
  fastjson::Value answer = fastjson::parse(expected<mqtt::Publish>(bytes).payload).value();
  if (answer.find("error") != nullptr) fail(answer.text_or("error", ""));
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
    if (found == nullptr) fail("the broker's answer has no rows");
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

void ControlClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(text("the connection is gone: ", std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string ControlClient::receive() {
  while (true) {
    const auto header = mqtt::read_fixed_header(input_, std::size_t{64} << 20, kVersion);
    if (!header) fail("the broker has sent what is no MQTT");
    if (*header && input_.size() >= (*header)->packet_bytes) {
      std::string packet = input_.substr(0, (*header)->packet_bytes);
      input_.erase(0, packet.size());
      return packet;
    }
    char buffer[16 * 1024];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) fail("the broker has closed the connection: is this a plain MQTT listener?");
    if (count < 0) fail(errno == EAGAIN ? "no answer in ten seconds" : std::strerror(errno));
    input_.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace tenon::cli
