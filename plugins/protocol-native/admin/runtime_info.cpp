// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/runtime_info.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "remoting/mq_version.hpp"

namespace tenon::protocol_native {
namespace {

using Table = std::map<std::string, std::string>;

std::string rates(const std::array<double, 3>& per_second) {
  return text(per_second[0], ' ', per_second[1], ' ', per_second[2]);
}

std::string gibibytes(std::uintmax_t bytes) {
  const auto tenths = bytes / (1024 * 1024 * 1024 / 10);
  return text(tenths / 10, '.', tenths % 10, " GiB");
}

/// Times of single appends are not taken, but tools that read this table want the key.
constexpr const char* kNoTimes =
    "[<=0ms]:0 [0~10ms]:0 [10~50ms]:0 [50~100ms]:0 [100~200ms]:0 [200~500ms]:0 [500ms~1s]:0 [1~2s]:0 [2~3s]:0 "
    "[3~4s]:0 [4~5s]:0 [5~10s]:0 [10s~]:0";

/// What RocketMQ has queues, threads, clocks or a second timer for, and we do not: nothing waits there.
void add_idle_parts(Table& table) {
  for (const char* pool : {"send", "pull", "litePull", "query", "ack"}) {
    table.insert({{text(pool, "ThreadPoolQueueSize"), "0"},
                  {text(pool, "ThreadPoolQueueCapacity"), "0"},
                  {text(pool, "ThreadPoolQueueHeadWaitTimeMills"), "0"}});
  }
  table.insert({{"EndTransactionQueueSize", "0"},
                {"EndTransactionThreadPoolQueueCapacity", "0"},
                {"getMessageEntireTimeMax", "0"},
                {"putLatency99", "0.00"},
                {"putLatency999", "0.00"},
                {"putMessageDistributeTime", kNoTimes},
                {"putMessageEntireTimeMax", "0"},
                {"dispatchBehindBytes", "0"},
                {"dispatchMaxBuffer", "0"},
                {"pageCacheLockTimeMills", "0"},
                {"remainTransientStoreBufferNumbs", "2147483647"},
                {"startAcceptSendRequestTimeStamp", "0"},
                {"timerCongestNum", "0"},
                {"timerDequeueTps", "0.0"},
                {"timerEnqueueTps", "0.0"},
                {"timerOffsetBehind", "0"},
                {"timerReadBehind", "0"}});
}

void add_counts(Table& table, const BrokerTotals& totals) {
  const std::string got_rates = rates(totals.got_per_second);
  const auto puts = static_cast<double>(totals.messages_put_total);
  const double average_bytes = puts == 0 ? 0.0 : static_cast<double>(totals.put_bytes_total) / puts;
  table.insert({{"getFoundTps", got_rates},
                {"getMissTps", rates({})},
                {"getTotalTps", got_rates},
                {"getTransferedTps", got_rates},  // as RocketMQ 4 wrote it, for the tools of its time
                {"getTransferredTps", got_rates},
                {"msgGetTotalTodayMorning", text(totals.got_today_morning)},
                {"msgGetTotalTodayNow", text(totals.messages_got_total - totals.system_got_total)},
                {"msgGetTotalYesterdayMorning", text(totals.got_yesterday_morning)},
                {"msgPutTotalTodayMorning", text(totals.put_today_morning)},
                {"msgPutTotalTodayNow", text(totals.messages_put_total - totals.system_put_total)},
                {"msgPutTotalYesterdayMorning", text(totals.put_yesterday_morning)},
                {"pullRequestsWaiting", text(totals.pulls_waiting)},
                {"putMessageAverageSize", text(average_bytes)},
                {"putMessageFailedTimes", text(totals.put_failed_total)},
                {"putMessageSizeTotal", text(totals.put_bytes_total)},
                {"putMessageTimesTotal", text(totals.messages_put_total)},
                {"putTps", rates(totals.put_per_second)}});
}

void add_store(Table& table, const StoreStatus& store, const std::filesystem::path& data_dir) {
  const std::string used = text(store.disk_used_ratio);
  table.insert({{"commitLogDiskRatio", used},
                {text("commitLogDiskRatio_", data_dir.native(), "/commitlog"), used},
                {"commitLogMaxOffset", text(store.max_physical_offset)},
                {"commitLogMinOffset", text(store.min_physical_offset)},
                {"consumeQueueDiskRatio", used},
                {"earliestMessageTimeStamp", text(store.earliest_store_timestamp_ms)},
                {"remainHowManyDataToCommit", "0 B"},
                {"remainHowManyDataToFlush", text(store.max_physical_offset - store.flushed_physical_offset, " B")}});
  std::error_code failure;
  const auto space = std::filesystem::space(data_dir, failure);
  if (failure) return;
  table["commitLogDirCapacity"] =
      text("Total : ", gibibytes(space.capacity), ", Free : ", gibibytes(space.available), '.');
}

/// RocketMQ has these as metrics only: rocketmq_half_messages, rocketmq_commit_messages_total, ...
void add_transactions(Table& table, const TransactionTotals& totals, std::int64_t now_ms) {
  const std::int64_t begun_ms = totals.oldest_pending_begun_ms;
  const std::int64_t oldest_age_ms = begun_ms == 0 ? 0 : std::max<std::int64_t>(now_ms - begun_ms, 0);
  table.insert({{"transactionChecksSentTotal", text(totals.checks_sent)},
                {"transactionChecksUnheardTotal", text(totals.checks_unheard)},
                {"transactionCommitTotal", text(totals.committed)},
                {"transactionDiscardedTotal", text(totals.discarded)},
                {"transactionEndedAgainTotal", text(totals.ended_again)},
                {"transactionHalfMessages", text(totals.pending)},
                {"transactionOldestAgeMillis", text(oldest_age_ms)},
                {"transactionRewrittenTotal", text(totals.rewritten)},
                {"transactionRollbackTotal", text(totals.rolled_back)}});
}

}  // namespace

std::string running_time_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  return text("[ ", seconds / 86'400, " days, ", seconds / 3600 % 24, " hours, ", seconds / 60 % 60, " minutes, ",
              seconds % 60, " seconds ]");
}

std::map<std::string, std::string> runtime_info(const BrokerServices& services) {
  Table table;
  const std::int64_t boot_ms = services.identity->boot_timestamp_ms();
  table.insert({{"bootTimestamp", text(boot_ms)},
                {"brokerActive", "true"},
                {"brokerVersion", text(remoting::mq_version::ours)},
                {"brokerVersionDesc", std::string(remoting::mq_version_name(remoting::mq_version::ours))},
                {"runtime", running_time_text(services.host->now_ms() - boot_ms)}});
  if (const std::string health = services.host->health(); !health.empty()) table["health"] = health;
  for (const auto& [name, count] : services.statistics->incidents()) table[text("incident.", name)] = text(count);
  add_idle_parts(table);
  add_counts(table, services.statistics->totals());
  add_store(table, services.store->status(), services.host->data_dir());
  if (services.transactions != nullptr) {
    add_transactions(table, services.transactions->totals(), services.host->now_ms());
  }
  return table;
}

}  // namespace tenon::protocol_native
