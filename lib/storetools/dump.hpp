// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "storetools/log_reader.hpp"

namespace tenon::storetools {

enum class DumpFormat { text, json };

struct DumpRequest {
  std::filesystem::path directory;               ///< The store's root.
  std::filesystem::path commit_log_directory{};  ///< Empty: `<directory>/commitlog`.
  std::optional<std::string> topic{};            ///< Only records of this topic.
  std::optional<std::int32_t> queue_id{};        ///< Only of this queue of it.
  std::optional<std::int64_t> from{};            ///< Physical offset of a record; empty: the oldest.
  std::int64_t count = INT64_MAX;
  bool bodies = false;  ///< With bodies: printable ones as text, others as hex, at most 1 KiB.
  DumpFormat format = DumpFormat::text;
};

using DumpSink = std::function<void(std::string_view line)>;

/// One line per record, in the order of the log; damaged places get a line of their own. Works beside a running broker:
/// what it appends meanwhile may be missing. Error: io; query_not_found if no record lies at `from`.
Status dump_records(const DumpRequest& request, const DumpSink& sink);
/// One line per entry of the consume queue that the request names. Error: io, query_not_found.
Status dump_queue(const DumpRequest& request, const DumpSink& sink);

}  // namespace tenon::storetools
