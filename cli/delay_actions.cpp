// SPDX-License-Identifier: Apache-2.0
#include "delay_actions.hpp"

#include <cstdio>
#include <ctime>
#include <vector>

#include "client/delay_admin.hpp"
#include "fastjson/value.hpp"
#include "masters.hpp"
#include "rows.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

std::string time_text(std::int64_t time_ms) {
  if (time_ms == 0) return "";
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char out[32];
  const std::size_t size = std::strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S", &parts);
  return {out, size};
}

fastjson::Value row_of(const client::WaitingMessage& waiting) {
  return fastjson::Value::Object{{"due", time_text(waiting.due_ms)},
                                 {"level", waiting.level == 0 ? std::string() : std::to_string(waiting.level)},
                                 {"stored", time_text(waiting.stored_ms)},
                                 {"topic", waiting.topic},
                                 {"message", waiting.message_id},
                                 {"recallHandle", waiting.recall_handle}};
}

}  // namespace

ExitCode list_delayed(const DelayOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  std::vector<fastjson::Value> rows;
  const ExitCode ended = ask_each(masters_of(instance, options.broker_name), [&](const Master& master) -> Status {
    const auto found = client::DelayAdmin(instance, master.broker_name, master.address).waiting(options.limit);
    if (!found) return found.error();
    for (const client::WaitingMessage& waiting : *found) rows.push_back(row_of(waiting));
    return {};
  });
  if (ended == ExitCode::ok || !rows.empty()) print_rows(rows, options.format, "no messages wait for their time");
  return ended;
}

ExitCode cancel_delayed(const DelayOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  Result<std::string> cancelled = Error(Errc::query_not_found, "no broker was asked");
  for (const Master& master : masters_of(instance, options.broker_name)) {
    cancelled = client::DelayAdmin(instance, master.broker_name, master.address).cancel(options.handle);
    if (cancelled) break;
  }
  std::printf("%s: not delivered any more, unless it was already\n", cancelled.value().c_str());
  return ExitCode::ok;
}

}  // namespace tenon::cli
