// SPDX-License-Identifier: Apache-2.0
#include "logstore/store_keys.hpp"

#include <charconv>

namespace tenon::logstore {
namespace {

constexpr ConfigKey kKeys[] = {
    {.name = "path",
     .type = ConfigType::path,
     .default_value = "",
     .meaning = "Directory of the store; empty: broker.data_dir. RocketMQ's storePathRootDir."},
    {.name = "commit_log_path",
     .type = ConfigType::path,
     .default_value = "",
     .meaning = "Directory of the commit log; empty: commitlog in the store's directory."},
    {.name = "flush",
     .type = ConfigType::string,
     .default_value = "async",
     .meaning = "sync: a send is acknowledged when it is on disk; async: when it is in memory that survives a crash of "
                "the process.",
     .choices = "async|sync"},
    {.name = "flush_interval",
     .type = ConfigType::duration,
     .default_value = "500ms",
     .meaning = "How often the commit log is forced to disk when flush is async.",
     .minimum = 1,
     .maximum = 60'000},
    {.name = "checkpoint_interval",
     .type = ConfigType::duration,
     .default_value = "10s",
     .meaning = "How often the queues are forced to disk and the checkpoint is written; bounds the recovery.",
     .minimum = 100,
     .maximum = 3'600'000},
    {.name = "commit_log_file_size",
     .type = ConfigType::size,
     .default_value = "1GiB",
     .meaning = "Length of a commit-log file. Not set, a directory that has files keeps theirs.",
     .minimum = 4096,
     .maximum = 2'147'483'647},
    {.name = "consume_queue_file_entries",
     .type = ConfigType::integer,
     .default_value = "300000",
     .meaning = "Entries of 20 bytes in a consume-queue file. Not set, a directory that has files keeps theirs.",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "index",
     .type = ConfigType::boolean,
     .default_value = "true",
     .meaning = "Keep the key index, which query by key needs."},
    {.name = "index_tags",
     .type = ConfigType::boolean,
     .default_value = "true",
     .meaning = "Index tags as well, as RocketMQ 5.4 does."},
    {.name = "index_slots",
     .type = ConfigType::integer,
     .default_value = "5000000",
     .meaning = "Hash slots of an index file. Neither this nor index_entries set, a directory that has files keeps "
                "theirs.",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "index_entries",
     .type = ConfigType::integer,
     .default_value = "20000000",
     .meaning = "Entries of an index file; see index_slots.",
     .minimum = 2,
     .maximum = 100'000'000},
    {.name = "max_message_size",
     .type = ConfigType::size,
     .default_value = "4MiB",
     .meaning = "Largest body that is stored.",
     .minimum = 10,
     .maximum = 1'073'741'824},
    {.name = "populate_ahead",
     .type = ConfigType::size,
     .default_value = "16MiB",
     .meaning = "How much of the commit log is brought to memory ahead of the appends; 0: none.",
     .minimum = 0,
     .maximum = 1'073'741'824},
    {.name = "sendfile_min",
     .type = ConfigType::size,
     .default_value = "8KiB",
     .meaning = "store-sendfile: runs of adjacent records of at least this size leave by sendfile; shorter ones are "
                "copied. Without a meaning for store-mmap.",
     .minimum = 1,
     .maximum = 1'073'741'824},
    {.name = "file_reserved_time",
     .type = ConfigType::duration,
     .default_value = "72h",
     .meaning = "How long messages are kept at least, unless the disk runs full.",
     .minimum = 0},
    {.name = "delete_when",
     .type = ConfigType::string_list,
     .default_value = "[\"04\"]",
     .meaning = "Local hours of the day in which expired files are deleted."},
    {.name = "max_log_size",
     .type = ConfigType::size,
     .default_value = "0",
     .meaning = "Above this the oldest commit-log files are deleted at any hour, whether expired or not; 0: no limit.",
     .minimum = 0},
    {.name = "disk_max_used_ratio",
     .type = ConfigType::number,
     .default_value = "0.75",
     .meaning = "Above this part of the disk expired files are deleted at any hour."},
    {.name = "disk_clean_forcibly_ratio",
     .type = ConfigType::number,
     .default_value = "0.85",
     .meaning =
         "Above this part of the disk, and with clean_file_forcibly, the oldest files are deleted before their time."},
    {.name = "disk_warning_ratio",
     .type = ConfigType::number,
     .default_value = "0.90",
     .meaning = "Above this part of the disk sends are refused, until it is back at disk_clean_forcibly_ratio."},
    {.name = "clean_file_forcibly",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "true: on a nearly full disk the oldest files go before their time, as in RocketMQ; false: sends are "
                "refused instead."},
};

double read_ratio(const ConfigSection& section, Diagnostics& complaints, std::string_view key) {
  const double ratio = section.number(key);
  if (!(ratio > 0 && ratio <= 1)) complaints.error(key, "expected a part of the disk, above 0 and at most 1");
  return ratio;
}

std::vector<int> read_hours(const ConfigSection& section, Diagnostics& complaints) {
  std::vector<int> hours;
  for (const std::string& word : section.list("delete_when")) {
    int hour = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), hour);
    if (error != std::errc{} || end != word.data() + word.size() || hour < 0 || hour > 23) {
      complaints.error("delete_when", "expected hours from \"00\" to \"23\"");
      continue;
    }
    hours.push_back(hour);
  }
  return hours;
}

}  // namespace

std::span<const ConfigKey> store_keys() { return kKeys; }

StoreOptions read_store_options(const ConfigSection& section, Diagnostics& complaints) {
  StoreOptions options;
  options.directory = section.string("path");
  options.commit_log_directory = section.string("commit_log_path");
  if (section.string("flush") == "sync") options.flush = FlushMode::sync;
  options.flush_interval = section.duration("flush_interval");
  options.checkpoint_interval = section.duration("checkpoint_interval");
  options.commit_log_file_size = section.size_bytes("commit_log_file_size");
  options.consume_queue_file_entries = section.integer("consume_queue_file_entries");
  options.index_enabled = section.boolean("index");
  options.index_tags = section.boolean("index_tags");
  options.index_slots = static_cast<std::int32_t>(section.integer("index_slots"));
  options.index_entries = static_cast<std::int32_t>(section.integer("index_entries"));
  options.sizes_from_files = {.commit_log = !section.is_set("commit_log_file_size"),
                              .consume_queue = !section.is_set("consume_queue_file_entries"),
                              .index = !section.is_set("index_slots") && !section.is_set("index_entries")};
  options.limits.body_bytes_max = static_cast<std::size_t>(section.size_bytes("max_message_size"));
  options.populate_ahead = section.size_bytes("populate_ahead");
  options.file_run_min = section.size_bytes("sendfile_min");
  options.retention.file_reserved_time = section.duration("file_reserved_time");
  options.retention.log_size_max = section.size_bytes("max_log_size");
  options.retention.delete_when_hours = read_hours(section, complaints);
  options.retention.disk_max_used_ratio = read_ratio(section, complaints, "disk_max_used_ratio");
  options.retention.disk_clean_forcibly_ratio = read_ratio(section, complaints, "disk_clean_forcibly_ratio");
  options.retention.disk_warning_ratio = read_ratio(section, complaints, "disk_warning_ratio");
  options.retention.clean_file_forcibly = section.boolean("clean_file_forcibly");
  return options;
}

}  // namespace tenon::logstore
