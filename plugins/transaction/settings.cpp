// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

constexpr ConfigKey kKeys[] = {
    {.name = "check_interval",
     .type = ConfigType::duration,
     .default_value = "30s",
     .meaning = "How often the broker looks for transactions to ask about (transactionCheckInterval).",
     .minimum = 1,
     .maximum = 365 * kDayMs},
    {.name = "timeout",
     .type = ConfigType::duration,
     .default_value = "6s",
     .meaning = "Age at which a transaction is first asked about (transactionTimeOut).",
     .minimum = 0,
     .maximum = 10'000 * kDayMs},
    {.name = "check_max",
     .type = ConfigType::integer,
     .default_value = "15",
     .meaning = "Questions about one transaction before it is given up (transactionCheckMax).",
     .minimum = 1,
     .maximum = 1'000'000},
    {.name = "age_max",
     .type = ConfigType::duration,
     .default_value = "72h",
     .meaning = "Age at which a transaction is given up, asked about or not; keep it below the store's retention.",
     .minimum = 1'000,
     .maximum = 10'000 * kDayMs},
    {.name = "op_message_max",
     .type = ConfigType::size,
     .default_value = "4KiB",
     .meaning = "Largest record that notes ended transactions (transactionOpMsgMaxSize).",
     .minimum = 32,
     .maximum = 4 * 1024 * 1024},
    {.name = "tracked_max",
     .type = ConfigType::integer,
     .default_value = "200000",
     .meaning = "Waiting transactions held in memory, some 200 bytes each; more are stored again instead.",
     .minimum = 16,
     .maximum = 100'000'000},
    {.name = "reject",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Refuse transactional messages (rejectTransactionMessage); those that wait still end."},
};

}  // namespace

std::span<const ConfigKey> transaction_keys() { return kKeys; }

Settings read_settings(const ConfigSection& section) {
  Settings settings;
  settings.check_interval = section.duration("check_interval");
  settings.timeout = section.duration("timeout");
  settings.check_max = static_cast<std::int32_t>(section.integer("check_max"));
  settings.age_max = section.duration("age_max");
  settings.op_message_bytes_max = static_cast<std::size_t>(section.size_bytes("op_message_max"));
  settings.tracked_max = static_cast<std::size_t>(section.integer("tracked_max"));
  settings.reject = section.boolean("reject");
  return settings;
}

}  // namespace tenon::transaction
