// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

namespace http = boost::beast::http;
using Request = http::request<http::empty_body>;

WebSocketAnswer refused(std::string_view status, std::string_view reason, std::string_view header = {}) {
  WebSocketAnswer answer;
  answer.response = text("HTTP/1.1 ", status, "\r\n", header, "Connection: close\r\nContent-Type: text/plain\r\n",
                         "Content-Length: ", reason.size() + 1, "\r\n\r\n", reason, "\n");
  answer.reason = reason;
  return answer;
}

/// The first of ours that the client offers; empty: none.
std::string_view sub_protocol_of(const Request& request) {
  for (const std::string_view ours : {std::string_view("mqtt"), std::string_view("mqttv3.1")}) {
    const auto offers = request.equal_range(http::field::sec_websocket_protocol);
    for (auto offer = offers.first; offer != offers.second; ++offer) {
      if (http::token_list(offer->value()).exists(ours)) return ours;
    }
  }
  return {};
}

bool is_key(std::string_view key) {
  constexpr std::size_t kKeySize = 24;  // 16 bytes in base64
  return key.size() == kKeySize && key.ends_with("==");
}

std::string accept_key_of(std::string_view key) {
  const std::string salted = text(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64;
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

WebSocketAnswer judge(const Request& request, std::string_view path) {
  const std::string_view target(request.target().data(), request.target().size());
  if (target.substr(0, target.find('?')) != path) return refused("404 Not Found", "no MQTT here");
  if (!boost::beast::websocket::is_upgrade(request)) {
    return refused("426 Upgrade Required", "this is for WebSockets", "Upgrade: websocket\r\n");
  }
  if (request[http::field::sec_websocket_version] != "13") {
    return refused("426 Upgrade Required", "not version 13 of WebSocket", "Sec-WebSocket-Version: 13\r\n");
  }
  const std::string_view key(request[http::field::sec_websocket_key].data(),
                             request[http::field::sec_websocket_key].size());
  if (!is_key(key)) return refused("400 Bad Request", "not a Sec-WebSocket-Key");
  const std::string_view sub_protocol = sub_protocol_of(request);
  if (sub_protocol.empty()) return refused("400 Bad Request", "the sub-protocol mqtt is not offered");
  WebSocketAnswer answer;
  answer.accepted = true;
  answer.response =
      text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
           accept_key_of(key), "\r\nSec-WebSocket-Protocol: ", sub_protocol, "\r\n\r\n");
  return answer;
}

}  // namespace

std::optional<WebSocketAnswer> answer_websocket_request(std::string_view bytes, std::string_view path) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kWebSocketRequestMax);
  boost::system::error_code error;
  const std::size_t size = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::need_more && bytes.size() < kWebSocketRequestMax) return std::nullopt;
  if (error || !parser.is_header_done()) return refused("400 Bad Request", "not an HTTP request of sensible size");
  WebSocketAnswer answer = judge(parser.get(), path);
  answer.request_size = size;
  return answer;
}

}  // namespace tenon::protocol_mqtt
