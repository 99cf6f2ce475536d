// SPDX-License-Identifier: Apache-2.0
// Two brokers of one name under synchronous replication. The master is killed with SIGKILL under load again and again,
// the slave takes its place, by an operator's word or by an election in etcd, and the old master comes back as a slave.
// With etcd it is also stopped (SIGSTOP) until the other one has taken over, and wakes up as one that believes to be
// the master. The model knows what was acknowledged (code 0 only). What must hold: the new master has all of it, every
// cycle. Consumers read throughout, at the master and at the slave: whatever they have seen is at its place in the new
// master's queues, so that they go on there and miss nothing; how much their offsets there have them read again is
// counted. Topics and consumer groups are made, changed and deleted throughout: the new master has each as it was
// answered.
//
//   failover_kill [--cycles N] [--seed N] [--etcd PROGRAM] [--read confirmed|everything]
//
// With `--read everything` readers get what is not confirmed, as from RocketMQ's SYNC_MASTER, and it fails sooner or
// later.
//
// Exit status 0: 0 lost, nothing read that vanished, never two masters, no broker that ended by itself. 1: not so.
// Messages that were stored but not acknowledged may stay or go. On a machine so busy that etcd does not answer in time
// a master without a lease ends, as it must: a few times that is started again, counted and printed.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "etcd_process.hpp"
#include "kill_options.hpp"
#include "log_reader.hpp"
#include "message_requests.hpp"
#include "replicated_brokers.hpp"
#include "table_changes.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using protocol_native::RawClient;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kProducers = 3;
constexpr const char* kTopic = "Ledger";
constexpr int kMostLeaseLosses = 3;  ///< In a run.

struct Options : KillOptions {
  std::string etcd;  ///< Empty: promotion by hand.
  std::string consumers_read = "confirmed";
};

/// Sends to a queue of its own until the broker is gone; returns what was acknowledged.
void produce(const HostAddress& broker, int index, const std::string& prefix, std::vector<std::string>& acknowledged) {
  RawClient client(broker);
  for (int number = 0;; ++number) {
    const std::string body = text(prefix, number);
    const auto answer = e2e::send_message(client, kTopic, body, std::to_string(index));
    if (answer.code == -1 || answer.code == 14) return;
    if (answer.code == 0) acknowledged.push_back(body);
  }
}

/// The producers of one cycle.
class Load {
 public:
  Load(const HostAddress& broker, int cycle) : acknowledged_(kProducers) {
    for (int index = 0; index < kProducers; ++index) {
      producers_.emplace_back([this, broker, index, prefix = text('c', cycle, 'p', index, '-')] {
        produce(broker, index, prefix, acknowledged_[static_cast<std::size_t>(index)]);
      });
    }
  }
  ~Load() { join_all(); }
  /// Waits until the broker is gone for all of them, and adds what was acknowledged.
  void join(std::set<std::string>& acknowledged) {
    join_all();
    for (const auto& known : acknowledged_) acknowledged.insert(known.begin(), known.end());
  }

 private:
  void join_all() {
    for (std::thread& producer : producers_) {
      if (producer.joinable()) producer.join();
    }
  }
  std::vector<std::vector<std::string>> acknowledged_;
  std::vector<std::thread> producers_;
};

class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options), random_(options.seed) {
    std::vector<std::string> settings{"plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=2",
                                      "plugins.ha.consumers_read=" + options.consumers_read};
    if (!options.etcd.empty()) {
      etcd_.emplace(options.etcd);
      settings.push_back("plugins.election-etcd.endpoints=" + etcd_->address());
      settings.push_back("plugins.election-etcd.lease_ttl=3s");
    }
    for (int id : {1, 2}) {
      brokers_.push_back(std::make_unique<e2e::BrokerProcess>(
          e2e::replicated_broker(name_server_.address(), options.etcd.empty() && id == 1 ? 0 : id, settings)));
    }
    brokers_[0]->set("broker.id=1");
  }

  bool run() {
    if (!wait_for("a first master", [this] { return find_master(); })) return false;
    if (!wait_for("the topic", [this] { return make_topic(); })) return false;
    for (int cycle = 0; cycle < options_.cycles; ++cycle) {
      if (!one_cycle(cycle)) return false;
    }
    for (const auto& broker : brokers_) {
      if (broker->has_ended() && !is_a_lost_lease(*broker)) return false;
    }
    std::ranges::sort(milliseconds_);
    print_read_again();
    std::printf(
        "failover_kill: %d masters lost (%d stopped and woken; %d more by a lease), %zu messages acknowledged, 0 lost; "
        "%d changes of "
        "topics and groups answered, 0 lost; %zu and %zu read at masters and slaves, 0 vanished; again at work after "
        "%lld ms "
        "(median), %lld ms (most)\n",
        options_.cycles, freezes_, lease_losses_, acknowledged_.size(), tables_.answered(), at_master_.messages(),
        at_slave_.messages(), milliseconds_[milliseconds_.size() / 2], milliseconds_.back());
    return true;
  }

 private:
  template <class Reached>
  bool wait_for(const char* what, Reached reached) {
    return e2e::becomes_true(reached) || complain(text("waited a minute for ", what));
  }
  static bool is_master(const e2e::BrokerProcess& broker) {
    return e2e::ha_status(broker.address()).bool_or("isMaster", false);
  }
  e2e::BrokerProcess& master() { return *brokers_[master_]; }
  e2e::BrokerProcess& slave() { return *brokers_[1 - master_]; }

  bool find_master() {
    for (std::size_t index = 0; index < brokers_.size(); ++index) {
      if (is_master(*brokers_[index])) return master_ = index, true;
    }
    return false;
  }
  bool make_topic() {
    RawClient client(master().address());
    return e2e::send_message(client, kTopic, "first").code == 0;
  }

  bool one_cycle(int cycle) {
    if (!has_settled()) return false;
    const bool freeze = !options_.etcd.empty() && random_() % 2 == 0;
    at_master_.start(master().address());
    at_slave_.start(slave().address());
    tables_.start(master().address());
    Load load(master().address(), cycle);
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + random_() % 800));
    freeze ? master().signal(SIGSTOP) : void(master().end(SIGKILL));
    freezes_ += freeze;
    const auto gone = Clock::now();
    if (options_.etcd.empty() && !wait_for("the promotion", [this] { return promote(); })) return false;
    if (!wait_for("the slave to be the master", [this] { return is_master(slave()); })) return false;
    milliseconds_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - gone).count());
    if (freeze) master().signal(SIGCONT);
    load.join(acknowledged_);
    tables_.join();
    at_master_.stop();
    at_slave_.stop();
    if (freeze && is_master(master())) return complain("the one that was stopped is a master still");
    if (freeze) master().end(SIGKILL);  // it ends by itself, perhaps it has already
    if (!was_ended_by_us(freeze)) return false;
    master_ = 1 - master_;
    read_again_.push_back(at_master_.read_again(master().address()));
    if (!judge(cycle)) return false;
    // As an operator does with an old master; by hand a promotion lasts until the id is another.
    if (options_.etcd.empty()) slave().set(text("broker.id=", next_id_++));
    if (slave().has_ended()) slave().start_again();
    if (is_master(slave())) return complain("the old master came back as a master");
    return true;
  }

  /// What a consumer that commits after each pull is given twice: the master tells its offsets to the slave a little
  /// later.
  void print_read_again() {
    std::ranges::sort(read_again_, {}, &ReadAgain::age);
    const ReadAgain &median = read_again_[read_again_.size() / 2], &most = read_again_.back();
    std::printf(
        "failover_kill: read again after a failover: %lld messages of %lld ms (median), %lld of %lld ms (most)\n",
        static_cast<long long>(median.messages), static_cast<long long>(median.age.count()),
        static_cast<long long>(most.messages), static_cast<long long>(most.age.count()));
  }
  /// The master ended by the signal that it got, not by a crash before it. One that was woken may have found its lease
  /// over first.
  bool was_ended_by_us(bool freeze) {
    if (master().ended_with() == 128 + SIGKILL || (freeze && e2e::lost_its_lease(master()))) return true;
    return is_a_lost_lease(master());
  }
  /// Of a broker that ended by itself: only a master without a lease may, and not often.
  bool is_a_lost_lease(const e2e::BrokerProcess& ended) {
    if (const std::string wrong = e2e::wrong_end(ended); !wrong.empty()) return complain(wrong);
    if (++lease_losses_ <= kMostLeaseLosses) return true;
    return complain(text("masters lost their leases ", lease_losses_, " times: is the machine too busy?"));
  }
  bool is_led_again() {
    if (!master().has_ended()) return true;
    if (!is_a_lost_lease(master())) return false;
    master().start_again();
    return wait_for("a master again", [this] { return find_master(); });
  }
  bool is_in_sync_again() {
    bool led = true;
    const auto in_sync = [&] {
      led = is_led_again();
      return !led || (e2e::has_a_slave_in_sync(master().address()) && e2e::has_everything(slave().address()));
    };
    return wait_for("the slave to be in sync", in_sync) && led;
  }
  /// A slave is in sync by its log; the tables come a little later.
  bool has_settled() {
    bool in_sync = true;
    std::string differs;
    const auto settled = [&] {
      in_sync = is_in_sync_again();
      if (in_sync) differs = tables_.settle(master().address(), slave().address());
      return !in_sync || differs.empty();
    };
    if (e2e::becomes_true(settled)) return in_sync;
    return complain(text("waited a minute for the same topics and groups at both: ", differs));
  }
  bool promote() { return e2e::admin_command(slave().address(), "ha.promote").bool_or("promoted", false); }

  /// Whoever is the master when it was lost in the middle has the same to show. What was found wrong until then is
  /// printed: it may be what could not be read any more, or what a recovery brought back.
  bool judge(int cycle) {
    for (;;) {
      std::string wrong;
      try {
        wrong = what_is_wrong(cycle);
      } catch (const std::runtime_error& failed) {
        wrong = failed.what();
      }
      if (wrong.empty()) return true;
      const auto ends = [this] { return master().has_ended(); };
      if (options_.etcd.empty() || is_master(master()) || !e2e::becomes_true(ends)) return complain(wrong);
      std::fprintf(stderr, "failover_kill: the master ended while it was judged; found until then: %s\n",
                   wrong.c_str());
      if (!is_led_again()) return false;
      if (slave().has_ended())
        slave().start_again();  // a master that was started again hands out what a slave has, too
      if (!is_in_sync_again()) return false;
    }
  }
  std::string what_is_wrong(int cycle) {
    std::set<std::string> stored;
    RawClient client(master().address());
    for (int queue = 0; queue < kProducers; ++queue) {
      for (const auto& message : e2e::all_messages(client, kTopic, std::to_string(queue))) stored.insert(message.body);
    }
    std::size_t lost = 0;
    for (const std::string& body : acknowledged_) lost += stored.contains(body) ? 0 : 1;
    for (const LogReader* reader : {&at_master_, &at_slave_}) {
      if (const std::string vanished = reader->compare_with(master().address()); !vanished.empty())
        return text(vanished, ", after kill ", cycle);
    }
    if (const std::string changed = tables_.compare_with(master().address()); !changed.empty())
      return text(changed, ", after kill ", cycle);
    if (lost == 0) return {};
    return text(lost, " of ", acknowledged_.size(), " acknowledged messages lost after kill ", cycle);
  }

  bool complain(const std::string& what) {
    std::fprintf(stderr, "failover_kill: %s; seed %llu\n", what.c_str(),
                 static_cast<unsigned long long>(options_.seed));
    for (std::size_t index = 0; index < brokers_.size(); ++index) {
      e2e::BrokerProcess& broker = *brokers_[index];
      const std::string kept = text("failover_kill-", options_.seed, "-", ::getpid(), "-", index);
      std::filesystem::copy(broker.directory(), kept, std::filesystem::copy_options::recursive);
      std::fprintf(
          stderr, "kept %s, of a broker that %s\n", kept.c_str(),
          broker.has_ended() ? text("ended with ", broker.ended_with(), " (from 128 on: a signal)").c_str() : "runs");
    }
    return false;
  }

  const Options options_;
  std::mt19937_64 random_;
  e2e::BrokerProcess name_server_{{.config = e2e::kNameServer}};
  std::optional<e2e::EtcdProcess> etcd_;
  std::vector<std::unique_ptr<e2e::BrokerProcess>> brokers_;
  std::size_t master_ = 0;
  int freezes_ = 0, lease_losses_ = 0, next_id_ = 3;
  std::set<std::string> acknowledged_;
  LogReader at_master_{kTopic, kProducers, "readers"}, at_slave_{kTopic, kProducers};
  TableChanges tables_{options_.seed};
  std::vector<long long> milliseconds_;
  std::vector<ReadAgain> read_again_;  ///< By cycle.
};

constexpr const char* kUsage = "failover_kill [--cycles N] [--seed N] [--etcd PROGRAM] [--read WHAT]";

bool read_own(Options& options, std::string_view name, std::string_view value) {
  if (name == "--etcd") options.etcd = value;
  if (name == "--read") options.consumers_read = value;
  return name == "--etcd" || name == "--read";
}

}  // namespace
}  // namespace tenon::fault

int main(int argc, char** argv) {
  using namespace tenon::fault;
  return campaign_main<Campaign>(argc, argv, kUsage, &read_own);
}
