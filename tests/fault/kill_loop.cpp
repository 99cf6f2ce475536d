// SPDX-License-Identifier: Apache-2.0
// A store under load in a process that is killed with SIGKILL again and again, also while it recovers. What it
// acknowledged stands in memory shared with the parent, which opens the store now and then and judges all of it.
//
//   kill_loop [--cycles N] [--seed N] [--engine mmap|mmap-sync|sendfile|sendfile-sync] [--batches apart|inner]
//                                                                                  (default: all eight in turn)
//
// Exit status 0: nothing lost, invented, altered or out of order. 1: something was; the directory stays.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>

#include "kill_options.hpp"
#include "producers.hpp"

namespace tenon::fault {
namespace {

using logstore::testing::Engine;

constexpr std::size_t kAcknowledgedMax = 200'000;
/// A directory is left for a fresh one after so many cycles, so that reading all of it stays cheap, and sooner when
/// there are few, so that every kind of store has its turn.
constexpr int kCyclesPerStoreMin = 3, kCyclesPerStoreMax = 40, kKinds = 8;

struct Shared {
  struct Given {
    std::uint32_t number;
    std::int64_t queue_offset;
  };
  struct Producer {
    std::atomic<std::uint32_t> sent, acknowledged;
    Given given[kAcknowledgedMax];
  };
  std::atomic<bool> open;
  Producer producers[kProducers];
};

struct Options : KillOptions {
  Options() { cycles = 200; }
  std::optional<Engine> engine;
  std::optional<Batches> batches;
};

[[noreturn]] void run_until_killed(Shared& shared, const std::filesystem::path& directory, Engine engine,
                                   Batches batches, std::uint32_t run) {
  logstore::LogStore store(small_store(directory, engine));
  if (const Status opened = store.open(); !opened) {
    std::fprintf(stderr, "cannot open: %s\n", opened.error().message().c_str());
    _exit(2);
  }
  shared.open = true;
  Producers producers(store, engine, batches, run,
                      {[&](std::uint32_t producer, std::uint32_t count) { shared.producers[producer].sent = count; },
                       [&](const Stamp& stamp, std::int64_t queue_offset) {
                         Shared::Producer& own = shared.producers[stamp.producer];
                         const std::uint32_t at = own.acknowledged;
                         if (at >= kAcknowledgedMax) return;  // stored, but nobody counts on it
                         own.given[at] = {stamp.number, queue_offset};
                         own.acknowledged = at + 1;
                       }});
  for (;;) pause();
}

class KillLoop {
 public:
  explicit KillLoop(const Options& options) : options_(options), random_(options.seed) {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    shared_ = static_cast<Shared*>(memory);
  }

  bool run() {
    const auto begin = std::chrono::steady_clock::now();
    const int per_store = std::clamp(options_.cycles / kKinds, kCyclesPerStoreMin, kCyclesPerStoreMax);
    for (int cycle = 0; cycle < options_.cycles; ++cycle) {
      if (cycle % per_store == 0 && !next_store()) return false;
      // Not after every kill, so that the child also recovers what a killed recovery left.
      if (!one_cycle(static_cast<std::uint32_t>(cycle)) || (random_() % 3 == 0 && !judge())) return false;
    }
    const bool good = judge();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf(
        "%d kills (%d while recovering), %lld messages acknowledged, %d stores read in full: %s; %.0f s, seed %llu\n",
        kills_, early_kills_, static_cast<long long>(acknowledged_ + ledger_->acknowledged()), checks_,
        good ? "0 lost, 0 invented, 0 altered, order per queue kept" : "BAD", seconds,
        static_cast<unsigned long long>(options_.seed));
    return good;
  }

 private:
  bool next_store() {
    if (ledger_ && !judge()) return false;
    if (ledger_) acknowledged_ += ledger_->acknowledged();
    directory_.emplace();
    ledger_.emplace(sent_properties());
    stores_++;
    return true;
  }

  Engine engine() const { return options_.engine.value_or(static_cast<Engine>(stores_ % 4)); }
  Batches batches() const { return options_.batches.value_or(static_cast<Batches>(stores_ / 4 % 2)); }

  bool one_cycle(std::uint32_t run) {
    shared_->open = false;
    for (auto& producer : shared_->producers) producer.sent = producer.acknowledged = 0;
    const pid_t child = fork();
    if (child == 0) run_until_killed(*shared_, directory_->path(), engine(), batches(), run);
    // Sometimes while it recovers, mostly in the middle of the load.
    const bool early = random_() % 8 == 0;
    int status = 0;
    while (!early && !shared_->open && waitpid(child, &status, WNOHANG) == 0) usleep(200);
    usleep(static_cast<useconds_t>(random_() % (early ? 3'000 : 40'000)));
    early_kills_ += shared_->open ? 0 : 1;
    kill(child, SIGKILL);
    ++kills_;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) return complain(text("the child ended by itself with ", WEXITSTATUS(status)));
    for (std::uint32_t producer = 0; producer < kProducers; ++producer) {
      const Shared::Producer& own = shared_->producers[producer];
      ledger_->sent(run, producer, own.sent);
      for (std::uint32_t at = 0; at < own.acknowledged; ++at)
        ledger_->acknowledge({run, producer, own.given[at].number}, own.given[at].queue_offset);
    }
    return true;
  }

  /// RocketMQ does not start over a queue file that is not whole.
  bool finds_whole_files() const {
    const auto options = small_store({}, engine());
    return finds_whole_files("consumequeue", options.consume_queue_file_entries * logstore::kQueueEntrySize) &&
           finds_whole_files("batchconsumequeue", options.batch_consume_queue_file_units * logstore::kBatchUnitSize);
  }
  bool finds_whole_files(const char* kind, std::int64_t file_size) const {
    const auto size = static_cast<std::uintmax_t>(file_size);
    std::error_code none_yet;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_->path() / kind, none_yet)) {
      if (entry.is_regular_file() && entry.file_size() != size) return false;
    }
    return true;
  }

  bool judge() {
    ++checks_;
    if (!finds_whole_files()) return complain("a queue file is not whole");
    logstore::LogStore store(small_store(directory_->path(), engine()));
    if (const Status opened = store.open(); !opened) return complain(opened.error().message());
    const Verdict verdict = ledger_->check(store);
    if (verdict.good()) return true;
    return complain(text(verdict.lost, " lost, ", verdict.invented, " invented, ", verdict.altered, " altered, ",
                         verdict.disordered, " out of order, ", verdict.unreadable, " unreadable of ", verdict.stored,
                         "; first: ", verdict.first));
  }

  bool complain(const std::string& what) {
    const std::string kept = text("kill_loop-", options_.seed, "-", kills_);
    std::filesystem::copy(directory_->path(), kept, std::filesystem::copy_options::recursive);
    std::fprintf(stderr, "engine %s%s, kill %d: %s\nthe store is kept in %s\n", name_of(engine()),
                 batches() == Batches::inner ? ", inner batches" : "", kills_, what.c_str(), kept.c_str());
    return false;
  }

  Options options_;
  std::mt19937_64 random_;
  Shared* shared_ = nullptr;
  std::optional<logstore::testing::TemporaryDirectory> directory_;
  std::optional<Ledger> ledger_;
  std::int64_t acknowledged_ = 0;
  int stores_ = -1, kills_ = 0, early_kills_ = 0, checks_ = 0;
};

std::optional<Engine> engine_named(std::string_view name) {
  for (const Engine engine : {Engine::mmap, Engine::mmap_sync, Engine::sendfile, Engine::sendfile_sync}) {
    if (name == name_of(engine)) return engine;
  }
  return std::nullopt;
}

constexpr const char* kUsage =
    "kill_loop [--cycles N] [--seed N] [--engine mmap|mmap-sync|sendfile|sendfile-sync] [--batches apart|inner]";

bool read_own(Options& options, std::string_view name, std::string_view value) {
  if (name == "--batches" && (value == "apart" || value == "inner")) {
    options.batches = value == "inner" ? Batches::inner : Batches::apart;
    return true;
  }
  if (name != "--engine") return false;
  options.engine = engine_named(value);
  return options.engine.has_value();
}

}  // namespace
}  // namespace tenon::fault

int main(int argc, char** argv) {
  using namespace tenon::fault;
  return campaign_main<KillLoop>(argc, argv, kUsage, &read_own);
}
