// SPDX-License-Identifier: Apache-2.0
// The whole program with producers of delayed messages, killed with SIGKILL again and again. The model knows when each
// acknowledged message is due. What must hold: none comes before its time, and in the end all have come.
//
//   delay_kill [--cycles N] [--seed N]
//
// Exit status 0: 0 lost, 0 early. 1: not so. Repeated deliveries are counted and printed: a crash may cost some.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "broker_process.hpp"
#include "kill_options.hpp"
#include "message_requests.hpp"
#include "record/record_view.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using protocol_native::RawClient;
using namespace std::chrono_literals;

constexpr int kProducers = 3;
constexpr const char* kTopic = "Delayed";
constexpr std::int64_t kLongestMs = 4'000;

/// When each message that was acknowledged, or may have been, is due at the earliest.
struct Promise {
  std::int64_t not_before_ms = 0;
  bool acknowledged = false;
};
using Model = std::map<std::string, Promise>;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string entry(std::string_view name, const std::string& value) {
  std::string wire;
  append_property(wire, name, value);
  return wire;
}

/// Sends until the broker is gone: levels of 1 and 2 s, times up to four seconds ahead.
void produce(const HostAddress& broker, const std::string& prefix, std::uint64_t seed, Model& model) {
  RawClient client(broker);
  std::mt19937_64 random(seed);
  for (int index = 0;; ++index) {
    const std::string body = text(prefix, index);
    const auto choice = random() % 4;
    const auto ahead = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kLongestMs));
    Promise promise;
    std::string properties;
    if (choice < 2) {
      properties = entry("DELAY", std::to_string(choice + 1));
      promise.not_before_ms = now_ms() + 1'000 * static_cast<std::int64_t>(choice + 1);
    } else {
      promise.not_before_ms = now_ms() + ahead;
      properties = choice == 2 ? entry("TIMER_DELIVER_MS", std::to_string(promise.not_before_ms))
                               : entry("TIMER_DELAY_MS", std::to_string(ahead));
    }
    model[body] = promise;
    const auto answer = e2e::send_message(client, kTopic, body, "0", properties);
    if (answer.code != 0) return;
    model[body].acknowledged = true;
    if (index % 50 == 49) std::this_thread::sleep_for(1ms);  // Leaves the disk some room on small machines.
  }
}

struct Seen {
  int deliveries = 0;
  int early = 0;
};

/// Reads the topic to its end and judges by the store time of each delivery.
void look(RawClient& client, const Model& model, std::int64_t& offset, std::map<std::string, Seen>& seen) {
  for (;;) {
    const auto pulled = e2e::pull_messages(client, kTopic, offset);
    if (pulled.code != 0) return;
    auto rest = std::as_bytes(std::span(pulled.body));
    while (!rest.empty()) {
      const auto record = record::RecordView::decode(rest).value();
      const std::string body(reinterpret_cast<const char*>(record.body().data()), record.body().size());
      Seen& one = seen[body];
      ++one.deliveries;
      const auto promise = model.find(body);
      if (promise != model.end() && record.store_timestamp_ms() < promise->second.not_before_ms) ++one.early;
      offset = record.queue_offset().value + 1;
      rest = rest.subspan(static_cast<std::size_t>(record.total_size()));
    }
  }
}

struct Verdict {
  std::size_t acknowledged = 0, lost = 0, early = 0, repeated = 0;
};

Verdict judge(const Model& model, const std::map<std::string, Seen>& seen) {
  Verdict verdict;
  for (const auto& [body, promise] : model) {
    const auto found = seen.find(body);
    verdict.acknowledged += promise.acknowledged;
    verdict.lost += promise.acknowledged && found == seen.end();
    if (found == seen.end()) continue;
    verdict.early += found->second.early > 0;
    verdict.repeated += found->second.deliveries > 1;
  }
  return verdict;
}

int run(const KillOptions& options) {
  std::printf("delay_kill: %d cycles, seed %llu\n", options.cycles, static_cast<unsigned long long>(options.seed));
  e2e::BrokerSetup setup;
  setup.config = std::string(e2e::kStandalone) + "\n[plugins.delay]\nmessage_delay_level = \"1s 2s\"\n";
  setup.settings = {"plugins.store.commit_log_file_size=4MiB", "plugins.delay.timer_log_file_size=64KiB"};
  e2e::BrokerProcess broker(setup);
  std::mt19937_64 random(options.seed);
  Model model;
  for (int cycle = 0; cycle < options.cycles; ++cycle) {
    std::vector<Model> models(kProducers);
    std::vector<std::thread> producers;
    for (std::size_t index = 0; index < kProducers; ++index) {
      const std::string prefix = text('c', cycle, 'p', index, '-');
      producers.emplace_back(
          [&, index, prefix, seed = random()] { produce(broker.address(), prefix, seed, models[index]); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + random() % 1'500));
    broker.end(SIGKILL);
    for (std::thread& producer : producers) producer.join();
    for (Model& known : models) model.merge(known);
    broker.start_again();
  }
  std::int64_t offset = 0;
  std::map<std::string, Seen> seen;
  const std::int64_t patience = now_ms() + kLongestMs + 30'000;
  RawClient client(broker.address());
  Verdict verdict;
  do {
    std::this_thread::sleep_for(200ms);
    look(client, model, offset, seen);
    verdict = judge(model, seen);
  } while (verdict.lost > 0 && now_ms() < patience);
  std::printf("acknowledged %zu, lost %zu, early %zu, delivered more than once %zu\n", verdict.acknowledged,
              verdict.lost, verdict.early, verdict.repeated);
  return verdict.lost == 0 && verdict.early == 0 && verdict.acknowledged > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace tenon::fault

int main(int argc, char** argv) {
  tenon::fault::KillOptions options;
  if (!tenon::fault::read_options(argc, argv, "delay_kill [--cycles N] [--seed N]", options)) return 2;
  return tenon::fault::run(options);
}
