// SPDX-License-Identifier: Apache-2.0
// What delayed messages cost and how late they come, in a broker of its own.
//
//   delayed_bench [--pending N] [--due N] [--per-second N]
//
// First `pending` messages with times spread over the hour after next are sent, and the memory of the process that
// belongs to no file is compared before and after. Then `due` messages that fall due evenly at `per-second`. How late
// one is, is its store time in its own topic less the time it asked for: nothing of the reader counts.
// Exit status 1: a message is missing or early, more than 200 MB, or p99 above 20 ms.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "record/record_view.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using remoting::RequestCode;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kPipeline = 64;

struct Options {
  std::int64_t pending = 1'000'000;
  std::int64_t due = 100'000;
  std::int64_t per_second = 10'000;
};

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string send_frame(std::string_view topic, std::int64_t deliver_ms) {
  static std::int64_t number = 0;
  std::string properties;
  append_property(properties, property::unique_key, text("BENCH", ++number));
  append_property(properties, property::timer_deliver_ms, text(deliver_ms));
  return RawClient::frame(RequestCode::send_message_v2, 1,
                          {{"a", "producers"},
                           {"b", topic},
                           {"c", "TBW102"},
                           {"d", "1"},
                           {"e", "0"},
                           {"f", "0"},
                           {"g", "1700000000000"},
                           {"h", "0"},
                           {"i", properties},
                           {"j", "0"},
                           {"k", "false"},
                           {"m", "false"}},
                          "0123456789012345678901234567890123456789");
}

/// Sends `count` messages; message i is due at first_ms + i * span_ms / count.
void send_all(RawClient& client, std::string_view topic, std::int64_t count, std::int64_t first_ms,
              std::int64_t span_ms) {
  for (std::int64_t sent = 0; sent < count;) {
    const std::int64_t some = std::min(kPipeline, count - sent);
    std::string frames;
    for (std::int64_t index = sent; index < sent + some; ++index) {
      frames += send_frame(topic, first_ms + index * span_ms / count);
    }
    client.send_bytes(frames);
    for (std::int64_t answered = 0; answered < some; ++answered) {
      const auto answer = client.next();
      if (!answer || answer->code != 0) throw std::runtime_error(answer ? answer->remark.value_or("?") : "no answer");
    }
    sent += some;
  }
}

/// How late each message of the topic was stored, in ms.
std::vector<std::int64_t> lateness(RawClient& client, std::string_view topic) {
  std::vector<std::int64_t> late;
  for (;;) {
    const ReceivedFrame pulled = e2e::pull_messages(client, topic, static_cast<std::int64_t>(late.size()));
    if (pulled.code != 0) return late;
    auto rest = std::as_bytes(std::span(pulled.body));
    while (!rest.empty()) {
      const auto record = record::RecordView::decode(rest).value();
      const auto asked = record.properties().find(property::timer_deliver_ms).value_or("0");
      late.push_back(record.store_timestamp_ms() - std::stoll(std::string(asked)));
      rest = rest.subspan(static_cast<std::size_t>(record.total_size()));
    }
  }
}

bool memory_holds(const Options& options, const e2e::BrokerProcess& broker, RawClient& client) {
  if (options.pending == 0) return true;
  send_all(client, "Far", 1'000, now_ms() + 2 * kHourMs, kHourMs);
  const std::size_t before = broker.anonymous_memory();
  send_all(client, "Far", options.pending, now_ms() + 2 * kHourMs, kHourMs);
  std::this_thread::sleep_for(std::chrono::seconds(3));  // Not a wait: what settles later would count as well.
  const std::size_t after = broker.anonymous_memory();
  std::printf("%lld pending: %.1f MB of memory, %.1f MB before\n", static_cast<long long>(options.pending),
              static_cast<double>(after) / 1e6, static_cast<double>(before) / 1e6);
  return after < 200'000'000;
}

bool times_hold(const Options& options, RawClient& client) {
  if (options.due == 0) return true;
  // Sending must be over when the first is due, or it would compete with the deliveries that are measured.
  const std::int64_t first_ms = now_ms() + 3'000 + options.due / 10;
  const std::int64_t span_ms = options.due * 1'000 / options.per_second;
  send_all(client, "Due", options.due, first_ms, span_ms);
  if (now_ms() > first_ms) std::printf("sending took too long: the first were due already\n");
  const std::int64_t patience = first_ms + span_ms + 10'000;
  std::this_thread::sleep_for(
      std::chrono::milliseconds(std::max<std::int64_t>(0, first_ms + span_ms - now_ms() + 1'000)));
  std::vector<std::int64_t> late;
  do {
    late = lateness(client, "Due");
  } while (static_cast<std::int64_t>(late.size()) < options.due && now_ms() < patience);
  if (late.empty()) return false;
  std::ranges::sort(late);
  const auto at = [&late](double part) {
    return static_cast<long long>(
        late[std::min(late.size() - 1, static_cast<std::size_t>(part * static_cast<double>(late.size())))]);
  };
  std::printf(
      "%zu of %lld delivered at %lld per second: late by %lld ms at least, p50 %lld, p99 %lld, p99.9 %lld, at most "
      "%lld\n",
      late.size(), static_cast<long long>(options.due), static_cast<long long>(options.per_second), at(0), at(0.5),
      at(0.99), at(0.999), at(1));
  return static_cast<std::int64_t>(late.size()) == options.due && late.front() >= 0 && at(0.99) < 20;
}

int run(const Options& options) {
  e2e::BrokerSetup setup;
  setup.config = std::string(e2e::kStandalone) + "\n[plugins.delay]\n";
  const e2e::BrokerProcess broker(setup);
  RawClient client(broker.address());
  const bool memory = memory_holds(options, broker, client);
  const bool times = times_hold(options, client);
  return memory && times ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace tenon::bench

int main(int count, char** words) {
  tenon::bench::Options options;
  for (int index = 1; index + 1 < count; index += 2) {
    const std::string_view name = words[index];
    const std::int64_t value = std::strtoll(words[index + 1], nullptr, 10);
    if (name == "--pending") options.pending = value;
    if (name == "--due") options.due = value;
    if (name == "--per-second" && value > 0) options.per_second = value;
  }
  return tenon::bench::run(options);
}
