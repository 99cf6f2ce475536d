// SPDX-License-Identifier: Apache-2.0
// Packets of several clients into the engine: what it sends are whole packets, and its books agree with themselves.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/codec.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace {

using namespace tenon;
using namespace tenon::protocol_mqtt;
using mqtt::ReasonCode;

void check(bool holds) {
  if (!holds) std::abort();
}

/// A log in memory, a clock that the input moves, and a method of authentication that believes "yes".
class World final : public Outside {
 public:
  void store(const IncomingMessage& incoming, std::uint64_t token) override {
    Message message = incoming.message;
    message.place = PhysicalOffset{static_cast<std::int64_t>(log.size())};
    if (log.size() >= 4096) return engine.stored(token, ReasonCode::quota_exceeded);
    log.push_back({OwnedMessage(message), message.retain});
    hold ? held.push_back(token) : engine.stored(token, ReasonCode::success);
  }
  bool load(PhysicalOffset place, const std::function<void(const Message&)>& use) override {
    if (place.value < 0 || place.value >= static_cast<std::int64_t>(log.size()) || place.value < lost) return false;
    const Stored& stored = log[static_cast<std::size_t>(place.value)];
    Message message = stored.message.view();
    message.retain = stored.retain;
    use(message);
    return true;
  }
  void catch_up() override {
    while (dispatched < log.size()) {
      const Stored stored = log[dispatched++];
      Message message = stored.message.view();
      message.retain = stored.retain;
      engine.dispatch(message);
    }
  }
  std::int64_t now_ms() const override { return now; }
  std::optional<ReasonCode> authenticate(const Credentials& credentials, std::uint64_t token) override {
    if (credentials.user_name != "s") return ReasonCode::success;
    judgements.push_back(token);
    return std::nullopt;
  }
  std::unique_ptr<Authentication> begin_authentication(std::string_view method) override {
    struct Believing final : Authentication {
      Step next(std::string_view data) override {
        if (data == "yes") return {ReasonCode::success, "ok", "user"};
        return {data.empty() ? ReasonCode::not_authorized : ReasonCode::continue_authentication, "more", {}};
      }
    };
    return method == "M" ? std::make_unique<Believing>() : nullptr;
  }
  bool may(Access, std::string_view, std::string_view, std::string_view topic) override { return topic != "no"; }
  void finish_stores(bool unsafely) {
    for (const std::uint64_t token : std::exchange(held, {})) {
      unsafely ? engine.stored_unsafely(token) : engine.stored(token, ReasonCode::success);
    }
  }

  void judge_all(bool let_in) {
    const auto verdict = let_in ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
    for (const std::uint64_t token : std::exchange(judgements, {})) engine.judged(token, verdict);
  }

  struct Stored {
    OwnedMessage message;
    bool retain = false;
  };
  std::vector<Stored> log;
  std::size_t dispatched = 0;
  std::int64_t lost = 0;  ///< The log has forgotten what lies before.
  std::int64_t now = 1'700'000'000'000;
  bool hold = false;
  std::vector<std::uint64_t> held, judgements;
  Engine engine{EngineSettings{.receive_maximum = 8,
                               .inbound_unannounced_max = 16,
                               .inflight_max = 4,
                               .topic_alias_maximum = 3,
                               .packet_bytes_max = 65'536,
                               .queued_messages_max = 20,
                               .waiting_bytes_max = 4096,
                               .output_bytes_high = 8192,
                               .subscriptions_max = 10,
                               .sessions_max = 5,
                               .retained_max = 10,
                               .stores_pending_max = 4},
                *this};
};

class Client final : public Transport {
 public:
  Client(World& world, bool local)
      : link_(std::make_unique<Link>(world.engine, *this,
                                     HostAddress::parse(local ? "127.0.0.1:1" : "192.0.2.1:1").value())) {}
  ~Client() override {
    if (!closed_) link_->lost("");
  }
  void output_ready() noexcept override {}
  void finish(std::string_view) noexcept override { closed_ = true; }

  void give(std::string_view bytes) {
    if (closed_) return;
    input_.append(bytes);
    input_.erase(0, link_->receive(input_));
    if (!closed_ && link_->connected()) version_ = link_->version();
    if (input_.size() > 100'000) input_.clear();
  }
  /// Reads everything; each must be a packet of the connection's version.
  void read() {
    const std::string output = std::exchange(link_->output(), {});
    std::string_view rest = output;
    const auto version = link_->version();
    while (!rest.empty()) {
      const auto frame = mqtt::next_frame(rest, SIZE_MAX, version);
      check(frame.has_value() && frame->has_value());
      check(mqtt::decode(**frame, version).has_value());
      rest.remove_prefix((*frame)->size);
    }
    if (!closed_) link_->output_drained();
  }
  bool closed() const noexcept { return closed_; }

 private:
  bool closed_ = false;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v5;
  std::string input_;
  std::unique_ptr<Link> link_;
};

void check_books(World& world) {
  std::size_t subscriptions = 0, waiting = 0, online = 0;
  for (const auto& session : world.engine.sessions()) {
    subscriptions += session->subscriptions.size();
    online += session->online() ? 1U : 0U;
    const Outbound* out = session->outbound_if_any();
    if (out == nullptr) continue;
    waiting += out->waiting.size();
    check(out->inflight().size() <= world.engine.settings().inflight_max);
  }
  check(subscriptions == world.engine.subscription_count());
  check(online <= world.engine.connection_count());
  check(waiting <= world.engine.waiting_memory().count());
  check(world.engine.retained().count() <= world.engine.settings().retained_max);
}

}  // namespace

/// A run of operations: a byte that says what and to whom, a length where there are bytes, the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  std::unique_ptr<Client> clients[4];
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 2) {
    const auto what = static_cast<std::uint8_t>(rest[0]);
    const auto argument = static_cast<std::uint8_t>(rest[1]);
    rest.remove_prefix(2);
    std::unique_ptr<Client>& client = clients[what & 3];
    if (!client || client->closed()) client = std::make_unique<Client>(world, (what & 3) == 0);
    switch (what >> 2 & 7) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string_view bytes = rest.substr(0, argument);
        rest.remove_prefix(bytes.size());
        client->give(bytes);
        break;
      }
      case 4:
        client->read();
        break;
      case 5:
        client.reset();
        break;
      case 6:
        world.now += std::int64_t{argument} * 1000;
        world.engine.tick();
        break;
      default:
        world.hold = (argument & 1) != 0;
        if (!world.hold) world.finish_stores((argument & 2) != 0);
        if ((argument & 4) != 0) world.lost = static_cast<std::int64_t>(world.log.size());
        if ((argument & 8) != 0) world.engine.kick("a");
        if ((argument & 16) != 0) world.judge_all((argument & 32) != 0);
    }
    world.catch_up();
    world.engine.take_changed();
    world.engine.take_changed_groups();
    check_books(world);
  }
  for (const auto& client : clients) {
    if (client) client->read();
  }
  world.engine.shut_down();
  check(world.engine.connection_count() == 0);
  return 0;
}
