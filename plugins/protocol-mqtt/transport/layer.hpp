// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::protocol_mqtt {

/// What lies between the bytes of a socket and those of MQTT: TLS, WebSocket, or one over the other. No I/O, and no
/// buffer of its own while nothing is half done, so that a connection that idles stays small.
///
/// Ownership: one a connection. Threads: one at a time, the hub's but for handshaking().
class Layer {
 public:
  virtual ~Layer() = default;

  /// Takes what the peer has sent, cut anywhere. What it carries is appended to `inner`, what is to go back at once to
  /// `outer`; both count also with an error, which says why the connection is over. Bytes behind an error are ignored.
  virtual Status receive(std::string_view bytes, std::string& inner, std::string& outer) = 0;
  /// Wraps bytes for the peer.
  virtual Status send(std::string_view bytes, std::string& outer) = 0;
  /// What the peer is told at the end. Nothing may be sent or received after it.
  virtual void end(std::string& outer) = 0;
  /// See Transport::proven_name().
  virtual std::string_view proven_name() const noexcept { return {}; }
  /// The next receive() may compute for long: keys are agreed on, certificates looked at. It may run on any thread
  /// then, while nothing else is called.
  virtual bool handshaking() const noexcept { return false; }
};

/// One layer over another: WebSocket in TLS.
class StackedLayers final : public Layer {
 public:
  StackedLayers(std::unique_ptr<Layer> lower, std::unique_ptr<Layer> upper)
      : lower_(std::move(lower)), upper_(std::move(upper)) {}

  Status receive(std::string_view bytes, std::string& inner, std::string& outer) override;
  Status send(std::string_view bytes, std::string& outer) override;
  void end(std::string& outer) override;
  std::string_view proven_name() const noexcept override { return lower_->proven_name(); }
  bool handshaking() const noexcept override { return lower_->handshaking(); }

 private:
  const std::unique_ptr<Layer> lower_, upper_;
};

}  // namespace tenon::protocol_mqtt
