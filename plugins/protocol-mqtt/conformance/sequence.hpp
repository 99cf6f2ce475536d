// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/codec.hpp"

namespace tenon::protocol_mqtt::conformance {

/// A sequence of packets that a server must follow: steps of several clients, one a line. README.md has the language.
struct Sequence {
  std::string title;  ///< Begins with the statements of the standard that it shows.
  std::vector<std::string> steps;
  bool needs_clock = false;  ///< Has a `wait`.
};

/// Of all *.txt files of the directory, in the order of their names.
std::vector<Sequence> load_sequences(const std::filesystem::path& directory);

/// One client's connection to the server under test.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(std::string_view bytes) = 0;
  /// The bytes of the next packet; nothing when none comes any more, or the server has closed the connection.
  virtual std::optional<std::string> receive() = 0;
  /// The server has closed it and everything was received.
  virtual bool ended() = 0;
};

/// The server under test.
class World {
 public:
  virtual ~World() = default;
  /// Destroying it breaks the connection.
  virtual std::unique_ptr<Wire> open() = 0;
  /// Lets time pass; only asked for sequences with needs_clock.
  virtual void wait(int seconds) = 0;
};

/// Runs the steps. Returns what went wrong, with the step; empty when nothing did. `~` in names becomes `prefix`, so
/// that many sequences can run on one server.
std::string run(const Sequence& sequence, World& world, std::string_view prefix);

}  // namespace tenon::protocol_mqtt::conformance
