// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/websocket_layer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/transport/websocket_handshake.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The key and the answer to it are those of RFC 6455 section 1.3.
std::string request(std::string_view target = "/mqtt", std::string_view more = "Sec-WebSocket-Protocol: mqtt\r\n") {
  return text("GET ", target, " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", more, "\r\n");
}

std::string frame(int first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xFF));
  }
  const std::string mask = "\x11\x22\x33\x44";
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

struct Opened {
  WebSocketLayer layer{std::make_shared<const std::string>("/mqtt")};
  std::string inner, outer;

  Opened() {
    EXPECT_TRUE(layer.receive(request(), inner, outer));
    EXPECT_THAT(outer, HasSubstr("101 Switching Protocols"));
    outer.clear();
  }
  Status receive(std::string_view bytes) { return layer.receive(bytes, inner, outer); }
  std::string refusal_of(std::string_view bytes) {
    const Status status = receive(bytes);
    return status ? "accepted" : status.error().message();
  }
  int close_code() {
    outer.clear();
    layer.end(outer);
    if (outer.size() != 4) return -1;
    return static_cast<std::uint8_t>(outer[2]) << 8 | static_cast<std::uint8_t>(outer[3]);
  }
};

TEST(WebSocketHandshake, IsAnsweredAsTheStandardSays) {
  const auto answer = answer_websocket_request(request("/mqtt?token=1"), "/mqtt");
  ASSERT_TRUE(answer && answer->accepted);
  EXPECT_EQ(answer->request_size, request("/mqtt?token=1").size());
  EXPECT_THAT(answer->response, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(answer->response, HasSubstr("Sec-WebSocket-Protocol: mqtt\r\n"));
}

TEST(WebSocketHandshake, PicksASubProtocolOfOurs) {
  const auto old = answer_websocket_request(request("/mqtt", "Sec-WebSocket-Protocol: x, mqttv3.1\r\n"), "/mqtt");
  EXPECT_THAT(old->response, HasSubstr("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
  const auto two = answer_websocket_request(
      request("/mqtt", "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: mqtt\r\n"), "/mqtt");
  EXPECT_TRUE(two->accepted);
}

TEST(WebSocketHandshake, SaysWhyItRefuses) {
  EXPECT_THAT(answer_websocket_request(request("/other"), "/mqtt")->response, StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answer_websocket_request(request("/mqtt", ""), "/mqtt")->response, HasSubstr("sub-protocol mqtt"));
  EXPECT_THAT(answer_websocket_request("GET /mqtt HTTP/1.1\r\nHost: h\r\n\r\n", "/mqtt")->response,
              StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(answer_websocket_request("\x10\x0c\x00\x04MQTT\x05\r\n\r\n", "/mqtt")->response,
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(
      answer_websocket_request(request("/mqtt", text("X: ", std::string(9000, 'x'), "\r\n")), "/mqtt")->response,
      StartsWith("HTTP/1.1 400 "));
}

TEST(WebSocketLayer, TakesARequestCutAnywhereAndFramesBehindIt) {
  const std::string bytes = request() + frame(0x82, "hello");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    WebSocketLayer layer{std::make_shared<const std::string>("/mqtt")};
    std::string inner, outer;
    ASSERT_TRUE(layer.receive(bytes.substr(0, cut), inner, outer));
    ASSERT_TRUE(layer.receive(bytes.substr(cut), inner, outer));
    ASSERT_EQ(inner, "hello") << cut;
  }
}

TEST(WebSocketLayer, RefusesARequestThatDoesNotEnd) {
  WebSocketLayer layer{std::make_shared<const std::string>("/mqtt")};
  std::string inner, outer;
  ASSERT_TRUE(layer.receive("GET /mqtt HTTP/1.1\r\n", inner, outer));
  EXPECT_FALSE(layer.receive("X: " + std::string(20'000, 'x'), inner, outer));
  EXPECT_THAT(outer, StartsWith("HTTP/1.1 400 "));
  EXPECT_FALSE(layer.receive("more", inner, outer));
}

TEST(WebSocketLayer, JoinsFragmentsAndPassesPayloadOnAsItComes) {
  Opened opened;
  const std::string large(70'000 - 65'536, 'x');
  const std::string bytes =
      frame(0x02, "he") + frame(0x89, "p") + frame(0x00, "") + frame(0x80, "llo") + frame(0x82, large);
  for (const char byte : bytes) ASSERT_TRUE(opened.receive({&byte, 1}));
  EXPECT_EQ(opened.inner, "hello" + large);
  EXPECT_EQ(opened.outer, std::string("\x8a\x01p")) << "the ping was answered";
}

TEST(WebSocketLayer, SendsOneBinaryFrameWithTheShortestLength) {
  Opened opened;
  ASSERT_TRUE(opened.layer.send("abc", opened.outer));
  EXPECT_EQ(opened.outer,
            "\x82\x03"
            "abc");
  opened.outer.clear();
  ASSERT_TRUE(opened.layer.send(std::string(126, 'x'), opened.outer));
  EXPECT_EQ(opened.outer.substr(0, 4), std::string("\x82\x7e\x00\x7e", 4));
  opened.outer.clear();
  ASSERT_TRUE(opened.layer.send(std::string(65'536, 'x'), opened.outer));
  EXPECT_EQ(opened.outer.substr(0, 10), std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(WebSocketLayer, RefusesFramesThatNoClientMaySend) {
  const std::pair<std::string, int> cases[] = {
      {frame(0x81, "text"), 1003},
      {std::string("\x82\x03"
                   "abc"),
       1002},
      {frame(0xC2, "reserved bit"), 1002},
      {frame(0x80, "continues nothing"), 1002},
      {frame(0x02, "a") + frame(0x82, "b"), 1002},
      {frame(0x09, "ping in parts"), 1002},
      {frame(0x89, std::string(126, 'x')), 1002},
      {frame(0x83, "unknown"), 1002},
      {frame(0x8B, "unknown"), 1002},
      {std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14), 1009},
      {frame(0x88, ""), 1000},
  };
  for (const auto& [bytes, code] : cases) {
    Opened opened;
    EXPECT_NE(opened.refusal_of(bytes), "accepted") << code;
    EXPECT_EQ(opened.close_code(), code) << ::testing::PrintToString(bytes);
    EXPECT_FALSE(opened.layer.send("late", opened.outer));
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
