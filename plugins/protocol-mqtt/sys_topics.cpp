// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/sys_topics.hpp"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {

void LoadAverage::add(std::uint64_t total, double seconds) {
  const double per_minute = static_cast<double>(total - std::exchange(total_, total)) * 60 / seconds;
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    const double old_share = std::exp(-seconds / (60.0 * kMinutes[i]));
    averages_[i] = per_minute + old_share * (averages_[i] - per_minute);
  }
}

void SysTopics::say(std::string_view topic, std::string value) {
  std::string name = text("$SYS/broker/", topic);
  std::string& said = said_[name];
  if (said == value) return;
  engine_.announce(name, value);
  said = std::move(value);
}

void SysTopics::publish() {
  say("version", std::string("Tenon"));
  say("uptime", text((engine_.outside().now_ms() - start_ms_) / 1000, " seconds"));
  say_clients();
  say_counters();
  say_stores();
  say_loads();
}

void SysTopics::say_clients() {
  const auto connected = static_cast<std::uint64_t>(
      std::ranges::count_if(engine_.sessions(), [](const auto& session) { return session->online(); }));
  const std::uint64_t total = engine_.sessions().size();
  say("clients/total", total);
  say("clients/connected", connected);
  say("clients/active", connected);
  say("clients/disconnected", total - connected);
  say("clients/inactive", total - connected);
  say("clients/maximum", engine_.counters().connections_max);
  say("clients/expired", engine_.counters().sessions_expired);
  say("connections/socket/count", engine_.connection_count());
}

void SysTopics::say_counters() {
  const EngineCounters& counters = engine_.counters();
  say("bytes/received", counters.bytes_received);
  say("bytes/sent", counters.bytes_sent);
  say("messages/received", counters.packets_received);
  say("messages/sent", counters.packets_sent);
  say("publish/messages/received", counters.publishes_received);
  say("publish/messages/sent", counters.publishes_sent);
  say("publish/messages/dropped", counters.publishes_dropped);
  say("publish/bytes/received", counters.publish_bytes_received);
  say("publish/bytes/sent", counters.publish_bytes_sent);
}

/// What waits counts as stored, as in Mosquitto; here it lies in the log, and the bytes are those in memory.
void SysTopics::say_stores() {
  const std::uint64_t stored = engine_.waiting_memory().count() + engine_.retained().count();
  say("store/messages/count", stored);
  say("messages/stored", stored);
  say("store/messages/bytes", engine_.waiting_memory().bytes() + engine_.retained().bytes());
  say("retained messages/count", engine_.retained().count());
  say("subscriptions/count", engine_.subscription_count());
  say("shared_subscriptions/count", engine_.shared_subscription_count());
  std::uint64_t unsent = 0, unsent_bytes = 0;
  engine_.for_each_unsent([&](std::size_t bytes) {
    ++unsent;
    unsent_bytes += bytes;
  });
  say("packet/out/count", unsent);
  say("packet/out/bytes", unsent_bytes);
  const std::uint64_t heap = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  heap_max_ = std::max(heap_max_, heap);
  say("heap/current", heap);
  say("heap/maximum", heap_max_);
}

void SysTopics::say_loads() {
  const std::int64_t now = engine_.outside().now_ms();
  const double seconds = std::max(1.0, static_cast<double>(now - std::exchange(last_ms_, now)) / 1000);
  for (Load& load : loads_) {
    load.average.add(engine_.counters().*load.counter, seconds);
    for (std::size_t i = 0; i < LoadAverage::kMinutes.size(); ++i) {
      char value[32];
      std::snprintf(value, sizeof value, "%.2f", load.average.last(i));
      say(text("load/", load.name, "/", LoadAverage::kMinutes[i], "min"), std::string(value));
    }
  }
}

}  // namespace tenon::protocol_mqtt
