// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mqtt/codec.hpp"
#include "protocol-mqtt/engine/authentication.hpp"
#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/filter_tree.hpp"

namespace tenon::protocol_mqtt {

/// One connection of a client, as the protocol sees it: bytes in, bytes out. What outlives it is the Session.
///
/// Ownership: the transport owns the link and destroys it after lost() or after its own finish() was called. Threads:
/// the engine's.
class Link : public Wheeled {
 public:
  Link(Engine& engine, Transport& transport, const HostAddress& remote_address);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Serves the whole packets at the start of `bytes`; says how many bytes that were. The transport keeps the rest and
  /// gives it again with what follows. Stops early when the link is finished or must_rest().
  std::size_t receive(std::string_view bytes);
  /// The connection broke, or the transport gives it up.
  void lost(std::string_view reason);
  /// Too much is under way: do not read until resume_wanted() was seen by Transport::output_ready().
  bool must_rest() const noexcept;
  /// Output for the peer. The transport takes the front off with sent().
  const std::string& output() const noexcept { return output_; }
  std::string& output() noexcept { return output_; }
  /// The transport has sent everything of output() and emptied it.
  void output_drained();
  /// Bytes that the transport still holds, beyond output().
  void set_unsent(std::size_t bytes) noexcept { unsent_ = bytes; }

  // For the engine.
  std::uint64_t id = 0;  ///< 0 when the engine does not count it any more.
  bool connected() const noexcept { return session_ != nullptr; }
  bool finished() const noexcept { return finished_; }
  /// Serving it has thrown, so half a packet may stand in the output: the transport sends nothing more and gives it up.
  void fail() noexcept {
    failed_ = true;
    transport_.output_ready();
  }
  bool failed() const noexcept { return failed_; }
  mqtt::ProtocolVersion version() const noexcept { return version_; }
  Session* session() const noexcept { return session_.get(); }
  /// What it says, or has said last, has to be true after a crash, so the journal must have it: it is about a session
  /// that outlives the process, or confirms retained messages.
  bool speaks_of_kept() const noexcept { return confirms_retained_ || (session_ ? session_->kept() : ended_kept_); }
  std::uint16_t keep_alive_s() const noexcept { return keep_alive_s_; }
  /// This and the next by the steady clock.
  std::int64_t last_seen_ms() const noexcept { return last_seen_ms_; }
  const HostAddress& remote_address() const noexcept { return remote_address_; }
  std::uint32_t window() const noexcept { return window_; }
  std::size_t unsent_bytes() const noexcept { return output_.size() + unsent_; }
  bool output_full() const noexcept { return unsent_bytes() >= engine_.settings().output_bytes_high; }
  /// Sends a message; false when the client does not take packets of that size.
  bool send_message(const Message& message, const Delivery& delivery, std::uint16_t packet_id, bool dup,
                    std::span<const std::uint32_t> identifiers);
  void send_answer(mqtt::PacketType type, std::uint16_t packet_id, mqtt::ReasonCode reason);
  void store_finished(std::uint16_t packet_id, std::uint8_t qos, mqtt::ReasonCode outcome);
  /// A QoS 2 message is neither confirmed nor refused.
  void store_abandoned() { store_done(2); }
  /// Answers a PUBLISH that the log has or has refused; also one that an earlier connection of the client brought.
  void answer_stored(std::uint16_t packet_id, std::uint8_t qos, mqtt::ReasonCode outcome);
  /// Ends the connection from our side: 5.0 clients are told why.
  void disconnect(mqtt::ReasonCode reason, std::string_view why, LinkEnd end);
  std::int64_t opened_at_ms() const noexcept { return opened_at_ms_; }
  /// When check_timeout() is due.
  std::int64_t look_at_ms() const noexcept;
  void check_timeout(std::int64_t steady_ms);
  /// The client of the CONNECT that is being judged may come in, or not.
  void judged(mqtt::ReasonCode verdict);
  /// Nothing is to be expected of the client before we are done with its handshake, or its password.
  bool waits_for_us() const noexcept { return judgement_ || transport_.shaking_hands(); }
  /// Time in which the client could not say CONNECT, since it waited for us.
  void excuse(std::int64_t ms) noexcept { opened_at_ms_ += ms; }
  void release_idle_memory() noexcept {
    if (session_) session_->release_idle_memory();
  }

 private:
  /// Enhanced authentication of this connection.
  struct Login {
    Login(std::string_view with_method, std::string_view body, std::size_t& all_bytes)
        : method(with_method), connect(body), all(all_bytes) {
      all += connect.size();
    }
    ~Login() { all -= connect.size(); }
    std::string take_connect() {
      all -= connect.size();
      return std::exchange(connect, {});
    }

    std::string method;
    std::unique_ptr<Authentication> conversation;  ///< Set while one is under way.
    std::string connect;                           ///< The body of CONNECT until it is answered.
    std::size_t& all;                              ///< Bytes of `connect` of all connections.
    std::string user_name, last_data;              ///< What CONNACK is to say.
  };
  struct Aliases {
    std::vector<std::string> in;
    TextMap<std::uint16_t> out;
  };

  /// CONNECT while its client is being judged.
  struct Judgement {
    Judgement(Engine& of, std::string_view body, std::uint64_t number) : engine(of), connect(body), token(number) {
      engine.login_bytes() += connect.size();
    }
    Judgement(const Judgement&) = delete;
    Judgement& operator=(const Judgement&) = delete;
    ~Judgement() {
      engine.login_bytes() -= connect.size();
      engine.forget_judgement(token);
    }
    Engine& engine;
    const std::string connect;
    const std::uint64_t token;
  };

  bool waits_for_store() const noexcept { return stores_pending_ >= engine_.settings().stores_pending_max; }
  bool v5() const noexcept { return version_ == mqtt::ProtocolVersion::v5; }
  std::size_t packet_limit() const noexcept;
  void handle(const mqtt::Frame& frame);
  void violated(const mqtt::Violation& violation, const mqtt::Frame* frame);
  void refuse_connect(std::uint8_t level, mqtt::ReasonCode reason, std::string_view why);
  void finish(std::string_view reason, LinkEnd end);
  void leave_session(LinkEnd end);
  /// False when the client does not take packets of that size; nothing is sent then.
  bool send(const mqtt::Packet& packet);
  bool sent_from(std::size_t begin);

  void on_connect(const mqtt::Connect& connect, std::string_view body);
  void on(const mqtt::Connect&) {}  // see handle()
  void on(const mqtt::Publish& publish);
  void on(const mqtt::PublishAnswer& answer);
  void on(const mqtt::Subscribe& subscribe);
  void on(const mqtt::Unsubscribe& unsubscribe);
  void on(const mqtt::Ping& ping);
  void on(const mqtt::Closing& closing);
  void on(const mqtt::Connack&) { unexpected(); }
  void on(const mqtt::SubscribeAnswer&) { unexpected(); }
  void unexpected() { violated({mqtt::ReasonCode::protocol_error, "a packet that only a server sends"}, nullptr); }

  std::optional<mqtt::ReasonCode> refusal(const mqtt::Connect& connect) const;
  void judge(const mqtt::Connect& connect, std::string_view body);
  void refuse_or_accept(const mqtt::Connect& connect, mqtt::ReasonCode verdict);
  std::optional<mqtt::ReasonCode> refusal(const mqtt::Will& will) const;
  void refuse_login(mqtt::ReasonCode reason, std::string_view why);
  void begin_login(const mqtt::Connect& connect, std::string_view body);
  void on_auth(const mqtt::Closing& auth);
  void continue_login(std::string_view data);
  void send_auth(mqtt::ReasonCode reason, std::string_view data);
  void accept(const mqtt::Connect& connect);
  void take_limits(const mqtt::Connect& connect);
  void take_will(const mqtt::Connect& connect);
  std::string_view user_name_of(const mqtt::Connect& connect) const;
  bool send_connack(const mqtt::Connect& connect, bool present, std::string_view assigned_id);

  bool send_codes(const mqtt::SubscribeAnswer& answer);
  bool identifier_in_use(std::uint16_t packet_id) const noexcept;
  bool resolve_topic(const mqtt::Publish& publish, std::string& topic);
  bool is_administrator() const;
  void control(const mqtt::Publish& publish);
  bool admit_publish(const mqtt::Publish& publish);
  std::optional<mqtt::Violation> beyond_offer(const mqtt::Publish& publish) const;
  bool admit_identifier(const mqtt::Publish& publish);
  void refuse_publish(const mqtt::Publish& publish, const mqtt::Violation& violation);
  bool inbound_full() const noexcept;
  void store_done(std::uint8_t qos);
  void store(const mqtt::Publish& publish, std::string_view topic);
  void on_pubrec(Inflight* inflight, const mqtt::PublishAnswer& answer);
  std::uint16_t alias_for(std::string_view topic, bool& known);

  Engine& engine_;
  Transport& transport_;
  std::string output_;
  const HostAddress remote_address_;
  std::shared_ptr<Session> session_;
  std::int64_t last_seen_ms_ = 0, opened_at_ms_ = 0;
  std::size_t unsent_ = 0;
  std::uint32_t packet_bytes_max_ = 0xFFFF'FFFF;  ///< The client's.
  std::uint32_t window_ = 0;
  std::uint32_t stores_pending_ = 0, qos1_pending_ = 0;
  std::uint16_t keep_alive_s_ = 0;
  std::uint16_t alias_maximum_ = 0;  ///< To the client.
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v3_1_1;
  bool got_connect_ = false;
  bool problem_information_ = true;
  bool finished_ = false;
  bool failed_ = false;
  bool ended_kept_ = false;               ///< The session was kept when the link ended.
  bool confirms_retained_ = false;        ///< It has sent a retained message that is acknowledged.
  std::unique_ptr<Aliases> aliases_;      ///< Set when there is one.
  std::unique_ptr<Login> login_;          ///< Set when CONNECT named a method.
  std::shared_ptr<Judgement> judgement_;  ///< Set while there is no verdict.
};

}  // namespace tenon::protocol_mqtt
