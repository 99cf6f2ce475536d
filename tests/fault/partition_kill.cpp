// SPDX-License-Identifier: Apache-2.0
// Brokers of one name under an election in etcd, with a hostile network between all of them. Each cycle draws one fault
// from a seed, sometimes two: processes that are killed or stopped, links that are down, gone one way, slow, that cut a
// frame or change a byte, a disk that is full. Producers send all the time to whoever takes it, a witness at each
// broker tries it there, too. The model knows what was acknowledged. After each cycle, on every broker: nothing
// acknowledged is lost, nothing is altered, invented or out of order, nothing that a reader was handed out has
// vanished; and no two brokers acknowledged in the same moment. No process ends but those that are killed and masters
// that have lost their lease: a crash, which the next start would hide, ends the campaign. --fault "crash of a slave"
// shows that it does.
//
//   partition_kill --etcd PROGRAM [--cycles N] [--seed N] [--brokers 2|3] [--replication sync|async] [--fault NAME]
//
// With --replication async what is lost is counted; it must have been acknowledged during the fault or just before.
// Exit status 0: all of it held. 1: not so. 2: the words on the command line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "cluster_faults.hpp"
#include "cluster_judge.hpp"
#include "kill_options.hpp"
#include "private_mounts.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int kProducers = 3;
constexpr int kSmallDiskMegabytes = 600;
/// Under asynchronous replication: what a master may have acknowledged and not passed on when a fault begins.
constexpr auto kPassedOnLate = 2s;

struct Options : KillOptions {
  std::string etcd;
  int brokers = 3;
  bool synchronous = true;
  std::string only_fault;

  bool complete() const noexcept { return !etcd.empty(); }
};

/// A disk of the last broker's own, where mounting is allowed.
class SmallDisk {
 public:
  SmallDisk() {
    std::string name = std::filesystem::temp_directory_path() / "tenon-disk-XXXXXX";
    const std::string why_not = e2e::PrivateMounts::enter();
    if (why_not.empty() && ::mkdtemp(name.data()) != nullptr &&
        e2e::PrivateMounts::mount_small_disk(name, kSmallDiskMegabytes)) {
      directory_ = name;
    } else {
      std::printf("partition_kill: no full disks: mounting is not allowed here: %s\n", why_not.c_str());
    }
  }
  ~SmallDisk() {
    if (directory_.empty()) return;
    e2e::PrivateMounts::unmount(directory_);
    std::error_code ignored;
    std::filesystem::remove(directory_, ignored);
  }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

struct Times {
  std::vector<long long> silences, after_the_end, until_routed;  ///< Milliseconds.
};

class Campaign {
 public:
  explicit Campaign(const Options& options)
      : options_(options),
        random_(options.seed),
        cluster_({options.etcd, options.brokers, options.synchronous, disk_.directory()}),
        reader_(cluster_, kProducers + options.brokers) {
    for (int queue = 0; queue < kProducers + options.brokers; ++queue) {
      std::optional<std::size_t> only;
      if (queue >= kProducers) only = static_cast<std::size_t>(queue - kProducers);
      clients_.push_back(std::make_unique<ClusterClient>(cluster_, queue, only));
    }
  }

  bool run() {
    const bool good = run_cycles();
    for (const auto& client : clients_) client->stop();
    reader_.stop();
    if (!good) cluster_.keep(text("partition_kill-", options_.seed));
    print_times();
    std::size_t acknowledged = 0;
    for (const auto& client : clients_) {
      acknowledged += static_cast<std::size_t>(std::ranges::count_if(client->attempts(), &Attempt::acknowledged));
    }
    std::printf("partition_kill: seed %llu, %d cycles, %zu messages acknowledged, %zu lost, %zu read%s\n",
                static_cast<unsigned long long>(options_.seed), done_, acknowledged, lost_, reader_.read(),
                good ? ", never two masters" : "");
    return good;
  }

 private:
  bool run_cycles() {
    if (!cluster_.wait_for([this] { return cluster_.is_in_sync(); })) return complain("the first master never came");
    for (; done_ < options_.cycles; ++done_) {
      if (!one_cycle()) return false;
    }
    return true;
  }

  const Fault& draw() {
    const auto faults = all_faults();
    const Fault* const only = find_fault(options_.only_fault);
    return only != nullptr ? *only : faults[random_() % faults.size()];
  }

  std::size_t wait_for_master() {
    std::optional<std::size_t> master;
    (void)cluster_.wait_for([&] { return (master = cluster_.find_master()).has_value(); });
    return master.value();
  }

  Target target() {
    const std::size_t master = wait_for_master();
    const std::size_t slave = (master + 1 + random_() % (cluster_.size() - 1)) % cluster_.size();
    return {cluster_, master, slave, disk_.directory(), random_};
  }

  bool one_cycle() {
    const Fault& first = draw();
    const Fault* second = random_() % 4 == 0 ? &draw() : nullptr;
    std::printf("cycle %d: %s%s%s\n", done_, std::string(first.name).c_str(), second ? "; then " : "",
                second ? std::string(second->name).c_str() : "");
    std::fflush(stdout);
    const Target at = target();
    for (const auto& client : clients_) client->start();
    reader_.start();
    pause(200, 600);
    const Moment begun = Clock::now();
    first.begin(at);
    if (second) pause(0, 1'500);
    if (second) second->begin(at);
    hold(begun, first.outlives_the_lease || (second && second->outlives_the_lease));
    free_disk(disk_.directory());
    first.end(at);
    if (second) second->end(at);
    cluster_.heal();
    const Moment ended = Clock::now();
    if (!cluster_.wait_for([&] { return somebody_takes_since(ended); })) return complain("nobody takes messages again");
    for (const auto& client : clients_) client->stop();
    reader_.stop();
    Times& times = note(first, second, begun, ended);
    if (!cluster_.wait_for([this] { return cluster_.is_in_sync(); })) return complain("the slaves do not follow again");
    if (!cluster_.wait_for([this] { return cluster_.is_in_route(); })) return complain("the route is another one");
    times.until_routed.push_back(std::chrono::duration_cast<milliseconds>(Clock::now() - ended).count());
    return judge(begun);
  }

  void pause(int from_ms, int to_ms) {
    const auto span = static_cast<std::uint64_t>(to_ms - from_ms);
    std::this_thread::sleep_for(milliseconds(from_ms) + milliseconds(random_() % span));
  }

  /// The fault goes on for a while; who ends meanwhile is started again.
  void hold(Moment begun, bool past_the_lease) {
    auto end = begun + milliseconds(300 + random_() % 2'000);
    if (past_the_lease) end = begun + kLeaseTtl + milliseconds(700 + random_() % 1'500);
    while (Clock::now() < end) {
      std::this_thread::sleep_for(50ms);
      if (Clock::now() - begun > 500ms) cluster_.supervise();
    }
  }

  bool somebody_takes_since(Moment moment) const {
    return std::ranges::any_of(
        clients_, [moment](const auto& client) { return !client->is_witness() && client->last_sent() > moment; });
  }

  Times& note(const Fault& first, const Fault* second, Moment begun, Moment ended) {
    Times& times = times_[second ? std::string("two at a time") : std::string(first.name)];
    times.silences.push_back(longest_silence(clients_, begun, Clock::now()).count());
    Moment taken = Moment::max();
    for (const auto& client : clients_) {
      for (const Attempt& attempt : client->attempts()) {
        if (attempt.acknowledged && attempt.sent > ended) taken = std::min(taken, attempt.answered);
      }
    }
    times.after_the_end.push_back(std::chrono::duration_cast<milliseconds>(taken - ended).count());
    return times;
  }

  bool judge(Moment begun) {
    if (!cluster_.wrong_end().empty()) return complain(cluster_.wrong_end());
    if (std::string two = judge_masters(clients_); !two.empty()) return complain(two);
    if (options_.synchronous && !reader_.complaint().empty()) return complain(reader_.complaint());
    const auto announced = [this, begun](const Attempt& attempt) {
      const bool may = !options_.synchronous && attempt.answered > begun - kPassedOnLate;
      lost_ += may ? 1 : 0;
      return may;
    };
    const std::size_t master = wait_for_master();
    const std::int64_t epoch = cluster_.epoch_of(master);
    if (epoch < epoch_) return complain(text("epoch ", epoch, " after epoch ", epoch_));
    epoch_ = epoch;
    std::string bad;
    const auto is_well = [&](std::size_t index) {
      // With asynchronous replication readers get what only the master has.
      bad = judge_log(cluster_.member(index).process->address(), clients_, options_.synchronous ? &reader_ : nullptr,
                      announced);
      return bad.empty();
    };
    if (!is_well(master)) return complain(text("master ", master + 1, ": ", bad));
    for (std::size_t turn = 1; turn < cluster_.size(); ++turn) {
      const std::size_t slave = (master + turn) % cluster_.size();
      // A slave may hear of a new topic some seconds later.
      if (!cluster_.wait_for([&] { return is_well(slave); })) return complain(text("slave ", slave + 1, ": ", bad));
    }
    return true;
  }

  bool complain(const std::string& what) {
    std::fprintf(stderr, "partition_kill: seed %llu, cycle %d: %s\n", static_cast<unsigned long long>(options_.seed),
                 done_, what.c_str());
    if (const std::string& wrong = cluster_.wrong_end(); !wrong.empty() && wrong != what)
      std::fprintf(stderr, "%s\n", wrong.c_str());
    if (!cluster_.why_not_up().empty())
      std::fprintf(stderr, "a broker did not come up: %s\n", cluster_.why_not_up().c_str());
    return false;
  }

  static std::pair<long long, long long> median_and_most(std::vector<long long> all) {
    std::ranges::sort(all);
    return {all[all.size() / 2], all.back()};
  }

  void print_times() const {
    std::printf("%-50s %6s  %s\n", "fault", "cycles",
                "ms, median and most: no answer; no answer after it; until all follow and are in the route");
    for (const auto& [name, times] : times_) {
      if (times.until_routed.empty()) continue;  // the first cycle, and it was bad
      const auto silence = median_and_most(times.silences), after = median_and_most(times.after_the_end),
                 routed = median_and_most(times.until_routed);
      std::printf("%-50s %6zu  %6lld %6lld  %6lld %6lld  %6lld %6lld\n", name.c_str(), times.silences.size(),
                  silence.first, silence.second, after.first, after.second, routed.first, routed.second);
    }
  }

  const Options options_;
  std::mt19937_64 random_;
  SmallDisk disk_;
  HostileCluster cluster_;
  Clients clients_;
  ClusterReader reader_;
  int done_ = 0;
  std::size_t lost_ = 0;
  std::int64_t epoch_ = 0;
  std::map<std::string, Times> times_;
};

constexpr const char* kUsage =
    "partition_kill --etcd PROGRAM [--cycles N] [--seed N] [--brokers 2|3] [--replication sync|async] [--fault NAME]";

bool read_own(Options& options, std::string_view name, std::string_view value) {
  if (name == "--etcd") return options.etcd = value, true;
  if (name == "--brokers") return options.brokers = value == "2" ? 2 : 3, value == "2" || value == "3";
  if (name == "--replication") return options.synchronous = value == "sync", value == "sync" || value == "async";
  if (name != "--fault") return false;
  options.only_fault = value;
  return find_fault(value) != nullptr;
}

}  // namespace
}  // namespace tenon::fault

int main(int argc, char** argv) {
  using namespace tenon::fault;
  return campaign_main<Campaign>(argc, argv, kUsage, &read_own);
}
