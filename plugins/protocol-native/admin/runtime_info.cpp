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

void add_idle_pools(Table& table) {
  for (const char* pool : {"send", "pull", "litePull", "query", "ack"}) {
    table[text(pool, "ThreadPoolQueueSize")] = "0";
    table[text(pool, "ThreadPoolQueueCapacity")] = "0";
    table[text(pool, "ThreadPoolQueueHeadWaitTimeMills")] = "0";
  }
  table["EndTransactionQueueSize"] = table["EndTransactionThreadPoolQueueCapacity"] = "0";
  for (const char* key : {"timerReadBehind", "timerOffsetBehind", "timerCongestNum", "pageCacheLockTimeMills",
                          "startAcceptSendRequestTimeStamp", "dispatchBehindBytes", "dispatchMaxBuffer"}) {
    table[key] = "0";
  }
  table["timerEnqueueTps"] = table["timerDequeueTps"] = "0.0";
  table["remainTransientStoreBufferNumbs"] = "2147483647";
}

void add_counts(Table& table, const BrokerTotals& totals) {
  table["putTps"] = rates(totals.put_per_second);
  table["getTransferredTps"] = table["getFoundTps"] = table["getTotalTps"] = rates(totals.got_per_second);
  table["getMissTps"] = rates({});
  table["msgPutTotalYesterdayMorning"] = text(totals.put_yesterday_morning);
  table["msgPutTotalTodayMorning"] = text(totals.put_today_morning);
  table["msgPutTotalTodayNow"] = text(totals.messages_put_total);
  table["msgGetTotalYesterdayMorning"] = text(totals.got_yesterday_morning);
  table["msgGetTotalTodayMorning"] = text(totals.got_today_morning);
  table["msgGetTotalTodayNow"] = text(totals.messages_got_total);
  table["putMessageTimesTotal"] = text(totals.messages_put_total);
  table["putMessageFailedTimes"] = text(totals.put_failed_total);
  table["putMessageSizeTotal"] = text(totals.put_bytes_total);
  const auto puts = totals.messages_put_total;
  table["putMessageAverageSize"] =
      text(puts == 0 ? 0.0 : static_cast<double>(totals.put_bytes_total) / static_cast<double>(puts));
  table["pullRequestsWaiting"] = text(totals.pulls_waiting);
}

void add_store(Table& table, const StoreStatus& store, const std::filesystem::path& data_dir) {
  table["earliestMessageTimeStamp"] = text(store.earliest_store_timestamp_ms);
  table["commitLogDiskRatio"] = table["consumeQueueDiskRatio"] = text(store.disk_used_ratio);
  table[text("commitLogDiskRatio_", data_dir.native(), "/commitlog")] = text(store.disk_used_ratio);
  table["commitLogMinOffset"] = text(store.min_physical_offset);
  table["commitLogMaxOffset"] = text(store.max_physical_offset);
  table["remainHowManyDataToFlush"] = text(store.max_physical_offset - store.flushed_physical_offset, " B");
  table["remainHowManyDataToCommit"] = "0 B";
  std::error_code failure;
  const auto space = std::filesystem::space(data_dir, failure);
  if (failure) return;
  table["commitLogDirCapacity"] =
      text("Total : ", gibibytes(space.capacity), ", Free : ", gibibytes(space.available), '.');
}

/// RocketMQ has these as metrics only: rocketmq_half_messages, rocketmq_commit_messages_total, ...
void add_transactions(Table& table, const TransactionTotals& totals, std::int64_t now_ms) {
  const std::int64_t begun_ms = totals.oldest_pending_begun_ms;
  table["transactionHalfMessages"] = text(totals.pending);
  table["transactionOldestAgeMillis"] = text(begun_ms == 0 ? 0 : std::max<std::int64_t>(now_ms - begun_ms, 0));
  table["transactionCommitTotal"] = text(totals.committed);
  table["transactionRollbackTotal"] = text(totals.rolled_back);
  table["transactionEndedAgainTotal"] = text(totals.ended_again);
  table["transactionChecksSentTotal"] = text(totals.checks_sent);
  table["transactionChecksUnheardTotal"] = text(totals.checks_unheard);
  table["transactionDiscardedTotal"] = text(totals.discarded);
  table["transactionRewrittenTotal"] = text(totals.rewritten);
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
  table["brokerActive"] = "true";
  table["brokerVersion"] = text(remoting::mq_version::ours);
  table["brokerVersionDesc"] = remoting::mq_version_name(remoting::mq_version::ours);
  table["bootTimestamp"] = text(boot_ms);
  table["runtime"] = running_time_text(services.host->now_ms() - boot_ms);
  if (const std::string health = services.host->health(); !health.empty()) table["health"] = health;
  for (const auto& [name, count] : services.statistics->incidents()) table[text("incident.", name)] = text(count);
  add_idle_pools(table);
  add_counts(table, services.statistics->totals());
  add_store(table, services.store->status(), services.host->data_dir());
  if (services.transactions != nullptr) {
    add_transactions(table, services.transactions->totals(), services.host->now_ms());
  }
  return table;
}

}  // namespace tenon::protocol_native
