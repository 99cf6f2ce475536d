// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/conformance/sequence.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "protocol-mqtt/conformance/packet_text.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt::conformance {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string from_hex(const std::string& digits) {
  std::istringstream words(digits);
  std::string bytes, word;
  while (words >> word) bytes += static_cast<char>(std::stoi(word, nullptr, 16));
  return bytes;
}

/// The clients of one sequence, by their letters.
class Run {
 public:
  Run(World& world, std::string_view prefix) : world_(world), prefix_(prefix) {}

  void step(const std::string& line) {
    if (line.starts_with("wait ")) return world_.wait(std::stoi(line.substr(5)));
    if (line.size() < 4 || (line[1] != '>' && line[1] != '<')) throw std::runtime_error("no step");
    const std::string rest = replaced(line.substr(3), "~", prefix_);
    line[1] == '>' ? send(clients_[line[0]], rest) : expect(clients_[line[0]], rest);
  }

 private:
  struct Client {
    std::unique_ptr<Wire> wire;
    mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  };

  void send(Client& client, const std::string& what) {
    if (what == "break") return client.wire.reset();
    if (what.starts_with("connect ") || !client.wire) client.wire = world_.open();
    if (what.starts_with("raw ")) return client.wire->send(from_hex(what.substr(4)));
    PacketText packet = parse_packet_text(what);
    for (auto& [name, value] : packet.fields) {
      if (value.starts_with('@') && bound_.contains(value)) value = bound_[value];
    }
    if (packet.kind == "connect") client.version = static_cast<mqtt::ProtocolVersion>(packet.number("v", 5));
    client.wire->send(bytes_of(packet, client.version));
  }

  void expect(Client& client, const std::string& what) {
    if (what == "end") {
      const auto packet = client.wire->receive();
      if (packet || !client.wire->ended())
        throw std::runtime_error("the connection was not ended" + seen(client, packet));
      return;
    }
    if (what == "nothing") return expect_nothing(client);
    const auto bytes = client.wire->receive();
    if (!bytes) throw std::runtime_error(client.wire->ended() ? "the connection has ended" : "nothing came");
    const PacketText got = described(client, *bytes);
    PacketText wanted = parse_packet_text(what);
    if (wanted.kind != got.kind) throw std::runtime_error("got " + got.to_string());
    for (auto& [name, value] : wanted.fields) check(name, value, got);
  }

  void check(const std::string& name, const std::string& value, const PacketText& got) {
    if (value == "-") {
      if (got.has(name)) throw std::runtime_error("got " + got.to_string());
      return;
    }
    if (value.starts_with('@') && !bound_.contains(value)) {
      bound_[value] = got.field(name);
      return;
    }
    const std::string wanted = value.starts_with('@') ? bound_[value] : value;
    const bool hex = wanted.starts_with("0x");
    if (got.field(name) != (hex ? std::to_string(std::stoul(wanted, nullptr, 16)) : wanted)) {
      throw std::runtime_error("got " + got.to_string());
    }
  }

  /// A PINGRESP is the next packet, so nothing was before it.
  void expect_nothing(Client& client) {
    client.wire->send(std::string_view("\xC0\0", 2));
    const auto packet = client.wire->receive();
    if (!packet || described(client, *packet).kind != "pingresp")
      throw std::runtime_error("got" + seen(client, packet));
  }

  static PacketText described(const Client& client, const std::string& bytes) {
    const auto frame = mqtt::next_frame(bytes, bytes.size(), client.version);
    if (!frame || !*frame) throw std::runtime_error("the server sent no packet");
    const auto packet = mqtt::decode(**frame, client.version);
    if (!packet) throw std::runtime_error(text("the server sent a bad packet: ", packet.error().what));
    return describe(*packet);
  }
  static std::string seen(const Client& client, const std::optional<std::string>& bytes) {
    return bytes ? ": " + described(client, *bytes).to_string() : std::string(": nothing");
  }

  World& world_;
  const std::string prefix_;
  std::map<char, Client> clients_;
  std::map<std::string, std::string> bound_;
};

void load_file(const std::filesystem::path& path, std::vector<Sequence>& sequences) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("== ")) {
      sequences.push_back({line.substr(3), {}, false});
      continue;
    }
    sequences.back().needs_clock |= line.starts_with("wait ");
    sequences.back().steps.push_back(line);
  }
}

}  // namespace

std::vector<Sequence> load_sequences(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const bool is_table = entry.path().filename() == "statements.txt";
    if (entry.path().extension() == ".txt" && !is_table) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Sequence> sequences;
  for (const auto& file : files) load_file(file, sequences);
  return sequences;
}

std::string run(const Sequence& sequence, World& world, std::string_view prefix) {
  Run run(world, prefix);
  for (const std::string& step : sequence.steps) {
    try {
      run.step(step);
    } catch (const std::exception& error) {
      return text("step '", step, "': ", error.what());
    }
  }
  return {};
}

}  // namespace tenon::protocol_mqtt::conformance
