// SPDX-License-Identifier: Apache-2.0
// A model of what must never happen, whatever the order of ends, lost answers, questions, absent producers, restarts
// and deaths in the middle of anything: a committed message lost or delivered twice, a rolled-back one delivered, a
// pending one delivered or forgotten. Replay a failure with RC_PARAMS="seed=...".
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "tenon/testing/transaction_test_broker.hpp"
#include "test_plugin.hpp"

namespace tenon::transaction {
namespace {

using testing::ReceivedCheck;
using testing::TransactionTestBroker;

constexpr auto kTopic = "Orders";
constexpr auto kGroup = "g";

/// A transaction as its producer sees it.
struct Transaction {
  std::string key;
  AppendReceipt half;        ///< What the producer was told; later what the last question named.
  TransactionDecision fate;  ///< How the local transaction has ended.
  bool told = false;         ///< The broker has said yes to it.
};

class Model {
 public:
  Model() : broker_(testing::make_transaction_plugin, settings()) { broker_.connect_producer(kGroup); }

  void prepare() {
    const std::string key = text("k", transactions_.size());
    const std::string properties =
        *rc::gen::element(std::string(), std::string("CHECK_IMMUNITY_TIME_IN_SECONDS\00120\2"));
    const auto half = broker_.prepare(kTopic, 0, kGroup, key, properties);
    const auto fate = *rc::gen::element(TransactionDecision::commit, TransactionDecision::rollback);
    if (half) transactions_.push_back({key, *half, fate});
  }
  void end_one() {
    if (transactions_.empty()) return;
    end(transactions_.at(*rc::gen::inRange<std::size_t>(0, transactions_.size())), *rc::gen::arbitrary<bool>());
  }
  void end(Transaction& transaction, bool from_check) {
    const Status answer = broker_.end(kGroup, transaction.half.queue_offset, transaction.half.physical_offset,
                                      transaction.fate, from_check);
    if (answer && !broker_.is_dead()) transaction.told = true;
  }
  /// Producers answer some of the questions; the others are lost.
  void pass_and_answer(bool answer_all) {
    broker_.pass(std::chrono::seconds(answer_all ? 12 : *rc::gen::inRange(1, 12)));
    for (const ReceivedCheck& check : broker_.take_checks()) {
      Transaction& transaction = find(check.unique_key);
      RC_ASSERT(!transaction.told);
      if (!answer_all && *rc::gen::inRange(0, 3) == 0) continue;
      if (answer_all || *rc::gen::arbitrary<bool>()) {
        transaction.half.queue_offset = check.half_offset;
        transaction.half.physical_offset = check.half_physical_offset;
        end(transaction, true);
      } else {
        end(transaction, true);  // under the offsets that the producer has known before
      }
    }
  }
  void toggle_producer() {
    connected_ = !connected_;
    broker_.disconnect_producers();
    if (connected_) broker_.connect_producer(kGroup);
  }
  void save_offsets() { broker_.save_offsets(); }
  void die_soon() { broker_.die_after(*rc::gen::inRange(0, 6)); }
  void crash() { broker_.crash_and_restart(); }
  void restart() {
    if (broker_.is_dead()) return crash();
    broker_.restart_cleanly();
  }
  /// What must hold at every moment.
  void check() {
    std::map<std::string, int> seen;
    for (const std::string& body : broker_.bodies(kTopic)) ++seen[body];
    for (const Transaction& transaction : transactions_) {
      const int times = seen[transaction.key];
      if (transaction.fate == TransactionDecision::rollback) RC_ASSERT(times == 0);
      RC_ASSERT(times <= 1);
      if (transaction.told && transaction.fate == TransactionDecision::commit) RC_ASSERT(times == 1);
    }
  }
  /// With everybody alive and talking everything ends.
  void settle() {
    if (broker_.is_dead()) crash();
    broker_.die_after(INT64_MAX);
    if (!connected_) toggle_producer();
    for (int round = 0; round < 40 && broker_.coordinator().totals().pending > 0; ++round) pass_and_answer(true);
    RC_ASSERT(broker_.coordinator().totals().pending == 0);
    for (Transaction& transaction : transactions_) transaction.told = true;
    check();
  }

 private:
  static std::map<std::string, std::string> settings() {
    auto settings = testing::kQuickChecks;
    settings["check_max"] = "1000";
    settings["tracked_max"] = "16";
    settings["op_message_max"] = "32";
    return settings;
  }
  Transaction& find(const std::string& key) {
    for (Transaction& transaction : transactions_) {
      if (transaction.key == key) return transaction;
    }
    RC_FAIL("asked about " + key + ", which nobody has prepared");
  }

  TransactionTestBroker broker_;
  std::vector<Transaction> transactions_;
  bool connected_ = true;
};

void step(Model& model) {
  switch (*rc::gen::inRange(0, 20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return model.prepare();
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
      return model.end_one();
    case 11:
    case 12:
    case 13:
      return model.pass_and_answer(false);
    case 14:
      return model.toggle_producer();
    case 15:
      return model.die_soon();
    case 16:
      return model.crash();
    case 17:
      return model.restart();
    default:
      return model.save_offsets();
  }
}

TEST(TransactionModelTest, NothingIsLostDoubledOrShown) {
  const bool holds = rc::check("whatever happens", [] {
    Model model;
    const int steps = *rc::gen::inRange(5, 60);
    for (int index = 0; index < steps; ++index) {
      step(model);
      model.check();
    }
    model.settle();
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace tenon::transaction
