// SPDX-License-Identifier: Apache-2.0
// The whole program with transactional producers, killed with SIGKILL again and again. Each transaction has one fate;
// its producer says so at once, when it is asked, or never hears the answer. What must hold after every start: what was
// said to be committed is there once, nothing else that must not be seen is there; and in the end everything committed.
//
//   transaction_kill [--cycles N] [--seed N] [--store store-mmap|store-sendfile]
//
// Exit status 0: 0 lost, 0 twice, 0 rolled back and seen, 0 half messages seen. 1: not so.
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
#include "tenon/text.hpp"
#include "transaction_requests.hpp"

namespace tenon::fault {
namespace {

using protocol_native::RawClient;

constexpr int kProducers = 3;
constexpr const char* kTopic = "Transactions";

struct Options : KillOptions {
  std::string store = "store-mmap";
};

/// Half of the transactions commit; the key says which.
bool commits(const std::string& key) { return std::hash<std::string>{}(key) % 2 == 0; }
int decision_of(const std::string& key) { return commits(key) ? e2e::kCommit : e2e::kRollback; }

/// What one producer knows. `ended`: the broker has said that it knows the end.
struct Known {
  e2e::Half half;
  bool ended = false;
};
using Model = std::map<std::string, Known>;

class Producer {
 public:
  Producer(const HostAddress& broker, int number, std::uint64_t seed)
      : client_(broker), group_(text("group-", number)), number_(number), random_(seed) {
    e2e::register_producer(client_, group_);
  }

  /// Until the broker is gone. Keys begin with `prefix`.
  void run(const std::string& prefix, Model& model) {
    for (int index = 0;; ++index) {
      const std::string key = text(prefix, '-', number_, '-', index);
      const e2e::Half half = e2e::prepare(client_, kTopic, key, group_);
      if (half.code != 0) return;
      Known& known = model[key];
      known.half = half;
      const auto choice = random_() % 8;
      if (choice < 4 && !end(known, key, false)) return;
      // Said, but the answer is lost.
      if (choice == 4) end_unheard(known, key);
      answer_checks(model, std::chrono::milliseconds(1));
    }
  }
  /// Until nobody asks any more for a while.
  void answer_checks(Model& model, std::chrono::milliseconds patience) {
    while (const auto check = e2e::next_check(client_, patience)) {
      const auto known = model.find(check->unique_key);
      if (known != model.end() && random_() % 2 == 0) {
        end(known->second, check->unique_key, false);
      } else {
        e2e::end_transaction(client_, check->half, decision_of(check->unique_key), group_, true);
      }
    }
  }

 private:
  bool end(Known& known, const std::string& key, bool from_check) {
    const auto answer = e2e::end_transaction(client_, known.half, decision_of(key), group_, from_check);
    known.ended |= answer.code == 0;
    return answer.code != -1;
  }
  void end_unheard(const Known& known, const std::string& key) {
    client_.send(remoting::RequestCode::end_transaction,
                 {{"producerGroup", group_},
                  {"tranStateTableOffset", text(known.half.queue_offset)},
                  {"commitLogOffset", text(known.half.physical_offset)},
                  {"commitOrRollback", text(decision_of(key))},
                  {"fromTransactionCheck", "false"},
                  {"msgId", key},
                  {"transactionId", key}},
                 {}, 2);
  }

  RawClient client_;
  const std::string group_;
  const int number_;
  std::mt19937_64 random_;
};

class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options), random_(options.seed), broker_(setup(options.store)) {}

  bool run() {
    const auto begin = std::chrono::steady_clock::now();
    for (int cycle = 0; cycle < options_.cycles; ++cycle) {
      one_life(cycle);
      broker_.start_again();
      if (!judge(false)) return false;
    }
    settle();
    const bool good = judge(true);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%d kills, %zu transactions, %zu ends acknowledged, %zu committed messages: %s; %.0f s, seed %llu\n",
                options_.cycles, model_.size(), ended_, seen_.size(),
                good ? "0 lost, 0 twice, 0 rolled back seen, 0 half seen" : "BAD", seconds,
                static_cast<unsigned long long>(options_.seed));
    return good;
  }

 private:
  static e2e::BrokerSetup setup(const std::string& store) {
    e2e::BrokerSetup setup;
    setup.config = e2e::kWithTransactions;
    setup.settings = {"plugins.store.commit_log_file_size=1MiB", "plugins.store.consume_queue_file_entries=2000",
                      "plugins.transaction.check_max=1000000", "log.level=error", "plugins.store.type=" + store};
    return setup;
  }

  void one_life(int cycle) {
    std::vector<Model> models(kProducers);
    std::vector<std::thread> producers;
    for (int number = 0; number < kProducers; ++number) {
      producers.emplace_back([&, number, seed = random_(), address = broker_.address()] {
        Producer(address, number, seed).run(text("life", cycle), models[static_cast<std::size_t>(number)]);
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_() % 400));
    broker_.signal(SIGKILL);
    for (std::thread& producer : producers) producer.join();
    for (Model& model : models) model_.merge(model);
  }

  void settle() {
    std::vector<std::thread> producers;
    std::vector<Model> models(kProducers);
    for (int number = 0; number < kProducers; ++number) {
      producers.emplace_back([&, number, seed = random_(), address = broker_.address()] {
        Producer producer(address, number, seed);
        producer.answer_checks(models[static_cast<std::size_t>(number)], std::chrono::seconds(2));
      });
    }
    for (std::thread& producer : producers) producer.join();
  }

  bool judge(bool everything) {
    seen_.clear();
    RawClient client(broker_.address());
    for (const e2e::PulledMessage& message : e2e::all_messages(client, kTopic)) ++seen_[message.body];
    ended_ = 0;
    for (const auto& [key, times] : seen_) {
      if (times != 1) return complain(key, text("is there ", times, " times"));
      if (!commits(key)) return complain(key, "was rolled back, or never ended, and is there");
    }
    for (const auto& [key, known] : model_) {
      ended_ += known.ended ? 1 : 0;
      if (commits(key) && (known.ended || everything) && !seen_.contains(key)) return complain(key, "is lost");
    }
    return true;
  }

  static bool complain(const std::string& key, const std::string& what) {
    std::fprintf(stderr, "transaction %s %s\n", key.c_str(), what.c_str());
    return false;
  }

  const Options options_;
  std::mt19937_64 random_;
  e2e::BrokerProcess broker_;
  Model model_;
  std::map<std::string, int> seen_;
  std::size_t ended_ = 0;
};

constexpr const char* kUsage = "transaction_kill [--cycles N] [--seed N] [--store store-mmap|store-sendfile]";

bool read_own(Options& options, std::string_view name, std::string_view value) {
  if (name == "--store") options.store = value;
  return name == "--store";
}

}  // namespace
}  // namespace tenon::fault

int main(int argc, char** argv) {
  using namespace tenon::fault;
  return campaign_main<Campaign>(argc, argv, kUsage, &read_own);
}
