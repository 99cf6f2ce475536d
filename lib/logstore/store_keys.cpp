// SPDX-License-Identifier: Apache-2.0
#include "logstore/store_keys.hpp"

#include <charconv>

namespace tenon::logstore {
namespace {

/// As TOML has it; a range of its own is in().
constexpr ConfigKey key(std::string_view name, ConfigType type, std::string_view default_value,
                        std::string_view meaning) {
  return {.name = name, .type = type, .default_value = default_value, .meaning = meaning};
}
constexpr ConfigKey in(std::int64_t minimum, std::int64_t maximum, ConfigKey key) {
  key.minimum = minimum;
  key.maximum = maximum;
  return key;
}
constexpr ConfigKey one_of(std::string_view choices, ConfigKey key) {
  key.choices = choices;
  return key;
}

constexpr std::int64_t kGiB = 1 << 30, kHour = 3'600'000;

constexpr ConfigKey kKeys[] = {
    key("path", ConfigType::path, "", "Directory of the store; empty: broker.data_dir. RocketMQ's storePathRootDir."),
    key("commit_log_path", ConfigType::path, "",
        "Directory of the commit log; empty: commitlog in the store's directory."),
    one_of("async|sync",
           key("flush", ConfigType::string, "async",
               "sync: a send is acknowledged when it is on disk; async: when it is in memory that survives a crash of "
               "the process.")),
    in(1, 60'000,
       key("flush_interval", ConfigType::duration, "500ms",
           "How often the commit log is forced to disk when flush is async.")),
    in(100, kHour,
       key("checkpoint_interval", ConfigType::duration, "10s",
           "How often the queues are forced to disk and the checkpoint is written; bounds the recovery.")),
    in(4096, 2'147'483'647,
       key("commit_log_file_size", ConfigType::size, "1GiB",
           "Length of a commit-log file. Not set, a directory that has files keeps theirs.")),
    in(1, 100'000'000,
       key("consume_queue_file_entries", ConfigType::integer, "300000",
           "Entries of 20 bytes in a consume-queue file. Not set, a directory that has files keeps theirs.")),
    in(1, 40'000'000,
       key("batch_consume_queue_file_units", ConfigType::integer, "300000",
           "Units of 46 bytes in a file of a batch consume queue (queue.type=BatchCQ). Not set, a directory that has "
           "files keeps theirs.")),
    key("index", ConfigType::boolean, "true", "Keep the key index, which query by key needs."),
    key("index_tags", ConfigType::boolean, "true", "Index tags as well, as RocketMQ 5.4 does."),
    in(1, 100'000'000,
       key("index_slots", ConfigType::integer, "5000000",
           "Hash slots of an index file. Neither this nor index_entries set, a directory that has files keeps "
           "theirs.")),
    in(2, 100'000'000,
       key("index_entries", ConfigType::integer, "20000000", "Entries of an index file; see index_slots.")),
    in(10, kGiB, key("max_message_size", ConfigType::size, "4MiB", "Largest body that is stored.")),
    key("consume_queue_extension", ConfigType::boolean, "false",
        "Write tags, store time and filter_bit_maps of each message beside its queue entry, as RocketMQ's "
        "enableConsumeQueueExt. What is there is read anyway."),
    in(1024, 2'147'483'647,
       key("consume_queue_extension_file_size", ConfigType::size, "48MiB",
           "Length of a file of the extension. Not set, a directory that has files keeps theirs.")),
    key("filter_bit_maps", ConfigType::boolean, "false",
        "With consume_queue_extension: say which consumers' filters a message passes, as RocketMQ's "
        "enableCalcFilterBitMap, so that reads need not look into the messages that do not."),
    key("light_queues", ConfigType::boolean, "false",
        "Put messages with the property INNER_MULTI_DISPATCH into the light queues that it names, as RocketMQ's "
        "enableLmq with enableMultiDispatch."),
    in(1, 10'000'000,
       key("light_queues_max", ConfigType::integer, "20000",
           "A message that needs one more light queue is refused, as RocketMQ's maxLmqConsumeQueueNum.")),
    key("property_crc", ConfigType::boolean, "false",
        "Append a CRC over the whole record to its properties, as RocketMQ's enabledAppendPropCRC, and check it."),
    in(0, kGiB,
       key("populate_ahead", ConfigType::size, "16MiB",
           "How much of the commit log ahead of the appends is brought to memory; 0: nothing.")),
    in(0, 1 << 20,
       key("cold_read_piece", ConfigType::size, "1MiB",
           "How much of the commit log is read from the disk at a time, for consumers that read far back. Smaller "
           "pieces read slower; 0: as the operating system reads ahead, which reads somewhat faster and makes sends "
           "wait for the disk.")),
    in(1, kGiB,
       key("sendfile_min", ConfigType::size, "64KiB",
           "store-sendfile: runs of adjacent records of at least this size leave by sendfile; shorter ones are "
           "copied. No effect with store-mmap.")),
    in(0, INT64_MAX,
       key("file_reserved_time", ConfigType::duration, "72h",
           "How long messages are kept at least; only max_log_size and clean_file_forcibly delete them earlier.")),
    key("delete_when", ConfigType::string_list, "[\"04\"]",
        "Local hours of the day in which expired files are deleted."),
    in(0, INT64_MAX,
       key("max_log_size", ConfigType::size, "0",
           "Above this the oldest commit-log files are deleted at any hour, whether expired or not; 0: no limit.")),
    key("disk_max_used_ratio", ConfigType::number, "0.75",
        "While more than this part of the disk is in use, expired files are deleted at any hour."),
    key("disk_clean_forcibly_ratio", ConfigType::number, "0.85",
        "While more than this part is in use, clean_file_forcibly deletes the oldest files before their time."),
    key("disk_warning_ratio", ConfigType::number, "0.90",
        "When more than this part is in use, sends are refused until it is back at disk_clean_forcibly_ratio."),
    key("clean_file_forcibly", ConfigType::boolean, "false",
        "true: on a nearly full disk the oldest files go before their time, as in RocketMQ; false: sends are "
        "refused instead."),
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
  options.batch_consume_queue_file_units = section.integer("batch_consume_queue_file_units");
  options.index_enabled = section.boolean("index");
  options.index_tags = section.boolean("index_tags");
  options.index_slots = static_cast<std::int32_t>(section.integer("index_slots"));
  options.index_entries = static_cast<std::int32_t>(section.integer("index_entries"));
  options.sizes_from_files = {.commit_log = !section.is_set("commit_log_file_size"),
                              .consume_queue = !section.is_set("consume_queue_file_entries"),
                              .index = !section.is_set("index_slots") && !section.is_set("index_entries"),
                              .consume_queue_extension = !section.is_set("consume_queue_extension_file_size"),
                              .batch_consume_queue = !section.is_set("batch_consume_queue_file_units")};
  options.limits.body_bytes_max = static_cast<std::size_t>(section.size_bytes("max_message_size"));
  options.consume_queue_extension = section.boolean("consume_queue_extension");
  options.consume_queue_extension_file_size = section.size_bytes("consume_queue_extension_file_size");
  options.light_queues = section.boolean("light_queues");
  options.light_queues_max = static_cast<std::size_t>(section.integer("light_queues_max"));
  options.property_crc = section.boolean("property_crc");
  options.populate_ahead = section.size_bytes("populate_ahead");
  options.cold_read_piece = section.size_bytes("cold_read_piece");
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
