// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/sys_topics.hpp"

#include <algorithm>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {

void SysTopics::say(std::string_view topic, std::string value) {
  std::string name = text("$SYS/broker/", topic);
  std::string& said = said_[name];
  if (said == value) return;
  engine_.announce(name, value);
  said = std::move(value);
}

void SysTopics::publish() {
  const EngineCounters& counters = engine_.counters();
  const auto connected = static_cast<std::uint64_t>(
      std::ranges::count_if(engine_.sessions(), [](const auto& session) { return session.second->online(); }));
  const std::uint64_t total = engine_.sessions().size();
  say("version", std::string("Tenon"));
  say("uptime", text((engine_.outside().now_ms() - start_ms_) / 1000, " seconds"));
  say("clients/total", total);
  say("clients/connected", connected);
  say("clients/active", connected);
  say("clients/disconnected", total - connected);
  say("clients/inactive", total - connected);
  say("clients/maximum", counters.connections_max);
  say("clients/expired", counters.sessions_expired);
  say("connections/socket/count", engine_.connection_count());
  say("bytes/received", counters.bytes_received);
  say("bytes/sent", counters.bytes_sent);
  say("messages/received", counters.packets_received);
  say("messages/sent", counters.packets_sent);
  say("publish/messages/received", counters.publishes_received);
  say("publish/messages/sent", counters.publishes_sent);
  say("publish/messages/dropped", counters.publishes_dropped);
  say("publish/bytes/received", counters.publish_bytes_received);
  say("publish/bytes/sent", counters.publish_bytes_sent);
  say("retained messages/count", engine_.retained().count());
  say("subscriptions/count", engine_.subscription_count());
}

}  // namespace tenon::protocol_mqtt
