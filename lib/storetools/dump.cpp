// SPDX-License-Identifier: Apache-2.0
#include "storetools/dump.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "fastjson/writer.hpp"
#include "logstore/batch_unit.hpp"
#include "logstore/file_system.hpp"
#include "logstore/options.hpp"
#include "logstore/queue_entry.hpp"
#include "record/message_id.hpp"
#include "storetools/reading_file_system.hpp"

namespace tenon::storetools {
namespace {

constexpr std::size_t kBodyShownMax = 1024;
struct Enough {};

std::filesystem::path commit_log_of(const DumpRequest& request) {
  return request.commit_log_directory.empty() ? request.directory / "commitlog" : request.commit_log_directory;
}

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char digits[32];
  const std::size_t size = std::strftime(digits, sizeof digits, "%Y-%m-%dT%H:%M:%S", &utc);
  return std::string(digits, size) + "." + std::to_string(1000 + ms % 1000).substr(1) + "Z";
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

/// Control characters would break the line.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_printable({&c, 1})) {
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped;
    }
  }
  return out;
}

std::string hex_of(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

std::string_view shown_body(const record::RecordView& view) {
  return {reinterpret_cast<const char*>(view.body().data()), std::min(view.body().size(), kBodyShownMax)};
}

std::string as_text(const record::RecordView& view, bool with_body) {
  std::string line = text(view.physical_offset(), "  ", view.topic(), "/", view.queue_id(), " ", view.queue_offset(),
                          "  ", view.total_size(), " bytes  ", time_text(view.store_timestamp_ms()));
  view.properties().for_each([&](std::string_view name, std::string_view value) {
    line += text("  ", on_one_line(name), "=", on_one_line(value));
  });
  if (!with_body) return line;
  const std::string_view body = shown_body(view);
  return line + "  " + (is_printable(body) ? text("\"", body, "\"") : text("0x", hex_of(body)));
}

std::string as_json(const record::RecordView& view, bool with_body) {
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("phyOffset", view.physical_offset().value).member("topic", view.topic());
  json.member("queueId", view.queue_id()).member("queueOffset", view.queue_offset().value);
  json.member("storeSize", view.total_size()).member("storeTimestamp", view.store_timestamp_ms());
  json.member("bornTimestamp", view.born_timestamp_ms()).member("sysFlag", view.sys_flag()).member("flag", view.flag());
  json.member("reconsumeTimes", view.reconsume_times()).member("bodyLength", view.body().size());
  json.member("preparedTransactionOffset", view.prepared_transaction_offset().value);
  json.member("offsetMsgId", record::to_string({view.store_host(), view.physical_offset()}));
  json.key("properties").begin_object();
  view.properties().for_each([&](std::string_view name, std::string_view value) { json.member(name, value); });
  json.end_object();
  if (with_body) {
    const std::string_view body = shown_body(view);
    json.member(is_printable(body) ? "body" : "bodyHex", is_printable(body) ? std::string(body) : hex_of(body));
  }
  json.end_object();
  return line;
}

std::string damage_line(const DumpRequest& request, PhysicalOffset at, PhysicalOffset next,
                        const LogReader::Place& place, const std::string& why) {
  if (request.format == DumpFormat::text)
    return text(at, "  DAMAGED, ", next - at, " bytes at ", place.file.string(), ":", place.position, ": ", why);
  std::string line;
  fastjson::Writer(line)
      .begin_object()
      .member("phyOffset", at.value)
      .member("damagedBytes", next - at)
      .member("file", place.file.string())
      .member("position", place.position)
      .member("why", why)
      .end_object();
  return line;
}

bool is_wanted(const DumpRequest& request, const record::RecordView& view) {
  return (!request.topic || view.topic() == *request.topic) &&
         (!request.queue_id || view.queue_id() == *request.queue_id);
}

std::string entry_line(const DumpRequest& request, std::int64_t at, const IndexEntry& entry) {
  if (request.format == DumpFormat::text)
    return text(at, "  physical offset ", entry.physical_offset, "  ", entry.size_bytes, " bytes  tags ",
                entry.tags_code);
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("queueOffset", at).member("phyOffset", entry.physical_offset.value);
  json.member("size", entry.size_bytes).member("tagsCode", entry.tags_code).end_object();
  return line;
}

std::string unit_line(const DumpRequest& request, const logstore::BatchUnit& unit) {
  if (request.format == DumpFormat::text)
    return text(unit.base, "  ", unit.count, " messages  physical offset ", unit.physical_offset, "  ", unit.size_bytes,
                " bytes  tags ", unit.tags_code, "  stored ", unit.store_timestamp_ms);
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("queueOffset", unit.base).member("messages", std::int32_t{unit.count});
  json.member("phyOffset", unit.physical_offset.value).member("size", unit.size_bytes);
  json.member("tagsCode", unit.tags_code).member("storeTimestamp", unit.store_timestamp_ms).end_object();
  return line;
}

Status dump_batch_queue(const DumpRequest& request, const std::filesystem::path& directory, const DumpSink& sink) {
  const auto entries = reading_file_system().list(directory);
  if (!entries) return entries.error();
  std::int64_t left = request.count;
  for (const auto& found : *entries) {
    if (!logstore::parse_offset_file_name(found.name)) continue;
    const auto file = InputFile::open(directory / found.name);
    if (!file) return file.error();
    for (std::int64_t at = 0; at + logstore::kBatchUnitSize <= file->size(); at += logstore::kBatchUnitSize) {
      const logstore::BatchUnit unit = logstore::decode_unit(file->bytes().data() + at);
      if (!logstore::is_valid(unit) || unit.end() <= request.from.value_or(0)) continue;
      if (left-- <= 0) return {};
      sink(unit_line(request, unit));
    }
  }
  return {};
}

}  // namespace

Status dump_records(const DumpRequest& request, const DumpSink& sink) {
  Findings nobody([](const Finding&) {});
  const auto log = LogReader::open(commit_log_of(request), nobody);
  if (!log) return log.error();
  const PhysicalOffset from{request.from.value_or(log->min().value)};
  if (request.from && !log->record_at(from))
    return Error(Errc::query_not_found, text("no record lies at physical offset ", from));
  std::int64_t left = request.count;
  LogReader::Visitor visitor;
  visitor.record = [&](const record::RecordView& view, const LogReader::Place&) {
    if (!is_wanted(request, view)) return;
    if (left-- <= 0) throw Enough();
    sink(request.format == DumpFormat::json ? as_json(view, request.bodies) : as_text(view, request.bodies));
  };
  visitor.damage = [&](PhysicalOffset at, PhysicalOffset next, const LogReader::Place& place, const std::string& why) {
    sink(damage_line(request, at, next, place, why));
  };
  try {
    (void)log->scan_from(from, visitor);
  } catch (const Enough&) {
    // as many as were asked for
  }
  return {};
}

Status dump_queue(const DumpRequest& request, const DumpSink& sink) {
  const auto queue_in = [&](const char* kind) {
    return request.directory / kind / request.topic.value_or("") / std::to_string(request.queue_id.value_or(0));
  };
  if (std::filesystem::exists(queue_in("batchconsumequeue")))
    return dump_batch_queue(request, queue_in("batchconsumequeue"), sink);
  const auto directory = queue_in("consumequeue");
  const auto entries = reading_file_system().list(directory);
  if (!entries) return entries.error();
  if (entries->empty())
    return Error(Errc::query_not_found, text(directory.string(), ": no such queue, or it is empty"));
  std::int64_t left = request.count;
  for (const auto& found : *entries) {
    const auto base = logstore::parse_offset_file_name(found.name);
    if (!base) continue;
    const auto file = InputFile::open(directory / found.name);
    if (!file) return file.error();
    for (std::int64_t at = 0; at + logstore::kQueueEntrySize <= file->size(); at += logstore::kQueueEntrySize) {
      const IndexEntry entry = logstore::decode_entry(file->bytes().data() + at);
      const std::int64_t queue_offset = (*base + at) / logstore::kQueueEntrySize;
      if (!logstore::is_valid(entry) || queue_offset < request.from.value_or(0)) continue;
      if (left-- <= 0) return {};
      sink(entry_line(request, queue_offset, entry));
    }
  }
  return {};
}

}  // namespace tenon::storetools
