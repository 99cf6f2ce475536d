// SPDX-License-Identifier: Apache-2.0
// Load on an MQTT server, and what the server's CPU does meanwhile:
//
//   tenon_mqtt_load PORT PID messages PUBLISHERS SUBSCRIBERS QOS WINDOW SECONDS
//   tenon_mqtt_load PORT PID connects COUNT AT_A_TIME
//   tenon_mqtt_load PORT PID idle COUNT        (prints a line when all are there; ends with standard input)
//   tenon_mqtt_load PORT PID latency TOPIC     (likewise; then what passed since the time in each body)
//
// messages: with as many subscribers as publishers each pair has a topic of its own; one subscriber gets from all
// publishers; one publisher sends to all subscribers. Each publisher has WINDOW messages under way that not all who
// should have got. Prints one JSON object. A message counts when everybody has it.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "crowd.hpp"

namespace mqtt_load {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double cpu_seconds(const std::string& pid) {
  double sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task")) {
    std::uint64_t run_ns = 0;
    std::ifstream(task.path() / "schedstat") >> run_ns;
    sum += static_cast<double>(run_ns) * 1e-9;
  }
  return sum;
}

void allow_many_sockets() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print(std::uint64_t messages, double seconds, double cpu) {
  std::printf("{\"messages\": %llu, \"seconds\": %.6f, \"server_cpu_seconds\": %.6f}\n",
              static_cast<unsigned long long>(messages), seconds, cpu);
}

struct Load {
  std::size_t publishers = 1, subscribers = 1, window = 16;
  int qos = 0;
  double seconds = 1;
};

class Messages final : public Listener {
 public:
  Messages(std::uint16_t port, const Load& load) : load_(load), crowd_(port, *this), payload_(64, 'x') {}

  void run(const std::string& pid) {
    connect();
    for (std::size_t i = 0; i < load_.publishers; ++i) {
      for (std::size_t k = 0; k < load_.window; ++k) publish(i);
    }
    const auto warm = Clock::now();
    while (seconds_since(warm) < load_.seconds / 4) crowd_.turn(100);
    const std::uint64_t before = done_;
    const double cpu = cpu_seconds(pid);
    const auto begin = Clock::now();
    while (seconds_since(begin) < load_.seconds) crowd_.turn(100);
    print(done_ - before, seconds_since(begin), cpu_seconds(pid) - cpu);
  }

  void ready(std::size_t) override {}
  void message(std::size_t, std::string_view payload) override {
    const std::size_t from = std::strtoul(payload.data(), nullptr, 10);
    const std::size_t copies = load_.publishers == 1 ? load_.subscribers : 1;
    if (++copies_[from] % copies != 0) return;
    ++done_;
    publish(from);
  }

 private:
  bool pairs() const { return load_.publishers == load_.subscribers; }

  void connect() {
    for (std::size_t i = 0; i < load_.subscribers; ++i) {
      crowd_.add("sub-" + std::to_string(i), pairs() ? "bench/" + std::to_string(i) : "bench/#", load_.qos);
      while (crowd_.ready_count() + 64 < i) crowd_.turn(100);
    }
    for (std::size_t i = 0; i < load_.publishers; ++i) {
      publishers_.push_back(crowd_.add("pub-" + std::to_string(i), "", 0));
      topics_.push_back("bench/" + std::to_string(i));
      payloads_.push_back(std::to_string(i) + ' ' + payload_);
    }
    copies_.resize(load_.publishers);
    while (crowd_.ready_count() < load_.subscribers + load_.publishers) crowd_.turn(100);
  }
  void publish(std::size_t i) { crowd_.publish(publishers_[i], topics_[i], payloads_[i], load_.qos); }

  const Load load_;
  Crowd crowd_;
  const std::string payload_;
  std::vector<std::size_t> publishers_;
  std::vector<std::string> topics_, payloads_;
  std::vector<std::uint64_t> copies_;
  std::uint64_t done_ = 0;
};

class Connects final : public Listener {
 public:
  Connects(std::uint16_t port, bool stay) : stay_(stay), crowd_(port, *this) {}

  void run(std::size_t count, std::size_t at_a_time) {
    for (std::size_t begun = 0; crowd_.ready_count() < count;) {
      while (begun < count && begun - crowd_.ready_count() < at_a_time) {
        crowd_.add("c-" + std::to_string(begun), stay_ ? "idle/" + std::to_string(begun) : "", 1);
        ++begun;
      }
      crowd_.turn(100);
    }
  }
  void ready(std::size_t client) override {
    if (!stay_) crowd_.leave(client);
  }
  void message(std::size_t, std::string_view) override {}

 private:
  const bool stay_;
  Crowd crowd_;
};

/// How old messages are when they come. Their bodies begin with a time of the steady clock in ns, as `tenon bench e2e`
/// writes it.
class Latency final : public Listener {
 public:
  Latency(std::uint16_t port, const std::string& topic) : crowd_(port, *this) { crowd_.add("latency", topic, 0); }

  void run() {
    while (crowd_.ready_count() == 0) crowd_.turn(100);
    std::puts("{}");
    std::fflush(stdout);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (::poll(&input, 1, 0) == 0) crowd_.turn(100);
    std::ranges::sort(ages_us_);
    const auto at = [this](double part) {
      return ages_us_[static_cast<std::size_t>(part * static_cast<double>(ages_us_.size() - 1))];
    };
    if (ages_us_.empty()) throw std::runtime_error("no message came");
    std::printf("{\"messages\": %zu, \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f}}\n", ages_us_.size(), at(0.5),
                at(0.99));
  }
  void ready(std::size_t) override {}
  void message(std::size_t, std::string_view payload) override {
    std::int64_t sent_ns = 0;
    std::memcpy(&sent_ns, payload.data(), sizeof sent_ns);
    const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
    ages_us_.push_back(static_cast<double>(now_ns - sent_ns) * 1e-3);
  }

 private:
  Crowd crowd_;
  std::vector<double> ages_us_;
};

int run(const std::vector<std::string>& words) {
  allow_many_sockets();
  const auto number = [&words](std::size_t at) { return std::stoul(words.at(at)); };
  const auto port = static_cast<std::uint16_t>(number(0));
  const std::string& pid = words.at(1);
  if (words.at(2) == "messages") {
    Load load;
    load.publishers = number(3);
    load.subscribers = number(4);
    load.qos = static_cast<int>(number(5));
    load.window = number(6);
    load.seconds = std::stod(words.at(7));
    Messages(port, load).run(pid);
  } else if (words.at(2) == "connects") {
    Connects connects(port, false);
    const double cpu = cpu_seconds(pid);
    const auto begin = Clock::now();
    connects.run(number(3), number(4));
    print(number(3), seconds_since(begin), cpu_seconds(pid) - cpu);
  } else if (words.at(2) == "latency") {
    Latency(port, words.at(3)).run();
  } else {
    Connects idle(port, true);
    idle.run(number(3), 64);
    std::puts("{}");
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
  }
  return 0;
}

}  // namespace
}  // namespace mqtt_load

int main(int count, char** words) {
  try {
    return mqtt_load::run({words + 1, words + count});
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "tenon_mqtt_load: %s\n", problem.what());
    return 1;
  }
}
