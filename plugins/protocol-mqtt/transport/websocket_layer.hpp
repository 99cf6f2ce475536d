// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol-mqtt/transport/layer.hpp"

namespace tenon::protocol_mqtt {

/// The server's side of a WebSocket that carries MQTT: the opening request, then frames. MQTT packets and frames need
/// not be aligned in either direction. Payload is passed on as it comes, so the length of a frame costs no memory.
///
/// Boost.Beast reads the request; frames are read here, because Beast's stream keeps a buffer and a timer for each
/// connection and wants to read the socket itself. Source: RFC 6455; MQTT 5.0 section 6.
/// Threads: the hub's.
class WebSocketLayer final : public Layer {
 public:
  /// `path` outlives the layer's first exchange: it is the listener's.
  explicit WebSocketLayer(std::shared_ptr<const std::string> path) : path_(std::move(path)) {}

  Status receive(std::string_view bytes, std::string& inner, std::string& outer) override;
  Status send(std::string_view bytes, std::string& outer) override;
  void end(std::string& outer) override;

 private:
  enum class Stage : std::uint8_t { request, open, closed };

  Status open(std::string_view& bytes, std::string& outer);
  Status receive_frames(std::string_view bytes, std::string& inner, std::string& outer);
  void pass_on(std::string_view& bytes, std::string& inner);
  bool fill(std::string_view& bytes, std::size_t size);
  Status check_start();
  std::size_t header_size() const noexcept;
  std::uint64_t payload_size() const noexcept;
  std::uint8_t opcode() const noexcept { return static_cast<std::uint8_t>(pending_[0]) & 0x0FU; }
  Status begin_data();
  Status answer_control(std::string& outer);
  Status refuse(std::uint16_t code, std::string_view why);

  std::shared_ptr<const std::string> path_;  ///< Let go when the WebSocket is open.
  std::string pending_;                      ///< A request, a header or a control frame that is not whole yet.
  std::uint64_t remaining_ = 0;              ///< Payload bytes of the frame of now still to come.
  std::array<char, 4> mask_{};
  std::uint8_t mask_at_ = 0;
  Stage stage_ = Stage::request;
  bool in_message_ = false;  ///< A message's last frame is still to come.
  std::uint16_t close_code_ = 1000;
};

}  // namespace tenon::protocol_mqtt
