// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenon::protocol_mqtt {

/// What the engine allows. The names of MQTT, the defaults of the field (../shared/reference/mqtt.md section 25).
struct EngineSettings {
  std::uint16_t receive_maximum = 256;  ///< QoS 1 and 2 messages that a client may have under way to us.
  /// QoS 2 messages of a 3.1 or 3.1.1 client without PUBREL: those versions have no receive maximum to tell.
  std::size_t inbound_unannounced_max = 1024;
  std::uint16_t inflight_max = 256;          ///< The same to a client, which may ask for less.
  std::uint16_t topic_alias_maximum = 16;    ///< Per connection, each way.
  std::uint32_t packet_bytes_max = 4 << 20;  ///< Largest packet of a client.
  std::uint16_t keep_alive_max_s = 0;        ///< Clients of 5.0 are told; 0: whatever they say, also never.
  std::uint32_t session_expiry_max_s = 0xFFFF'FFFF;
  std::size_t queued_messages_max = 10'000;  ///< Waiting for one session beyond its window.
  /// Memory of all messages that wait for sessions and groups; the payloads lie in the log.
  std::size_t waiting_bytes_max = std::size_t{256} << 20;
  std::size_t output_bytes_high = 1 << 20;  ///< Unsent bytes of a connection at which messages wait, or drop (QoS 0).
  std::size_t subscriptions_max = 1'000;    ///< Of one session.
  std::size_t sessions_max = 1'000'000;
  std::size_t retained_max = 1'000'000;
  std::size_t retained_bytes_max = std::size_t{256} << 20;
  /// CONNECT packets, kept while their clients prove who they are (enhanced authentication), of all together.
  std::size_t login_bytes_max = std::size_t{64} << 20;
  // What a server may leave out; clients of 5.0 are told. Source: MQTT 5.0 section 3.2.2.3.
  std::uint8_t qos_max = 2;  ///< Of what clients publish, and of what subscriptions are granted.
  bool retain_available = true;
  bool wildcard_subscriptions = true;
  bool shared_subscriptions = true;
  /// Response information for clients of 5.0 that ask, "{client}" in it being the client id; empty: none is given.
  std::string response_topics = {};
  /// Payloads that say they are UTF-8 have to be; else nobody looks.
  bool check_payload_format = false;
  std::size_t stores_pending_max = 256;  ///< Publishes of a connection on their way into the store: then it rests.
};

/// What has happened since the start; the engine counts, $SYS and `tenon mqtt` show.
struct EngineCounters {
  std::uint64_t packets_received = 0, packets_sent = 0;
  std::uint64_t publishes_received = 0, publishes_sent = 0, publishes_dropped = 0;
  std::uint64_t bytes_received = 0, bytes_sent = 0;
  std::uint64_t publish_bytes_received = 0, publish_bytes_sent = 0;
  std::uint64_t sessions_expired = 0;
  std::uint64_t connections_max = 0;
  std::uint64_t connects = 0, sockets = 0;  ///< Clients let in; connections opened.
};

}  // namespace tenon::protocol_mqtt
