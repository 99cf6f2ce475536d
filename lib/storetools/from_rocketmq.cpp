// SPDX-License-Identifier: Apache-2.0
#include "storetools/from_rocketmq.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include "storetools/properties_file.hpp"

namespace tenon::storetools {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;
using Converter = Result<std::string> (*)(const std::string& value);

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

Result<std::int64_t> number(const std::string& value) {
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc{} || end != value.data() + value.size() || parsed < 0)
    return Error(Errc::invalid_parameter, text("expected a number, not '", value, "'"));
  return parsed;
}

Result<std::string> with_unit(const std::string& value, const char* unit) {
  const auto parsed = number(value);
  if (!parsed) return parsed.error();
  return toml_string(std::to_string(*parsed) + unit);
}

Result<std::string> quoted(const std::string& value) { return toml_string(value); }
Result<std::string> as_integer(const std::string& value) {
  const auto parsed = number(value);
  if (!parsed) return parsed.error();
  return std::to_string(*parsed);
}
Result<std::string> as_boolean(const std::string& value) { return std::string(value == "true" ? "true" : "false"); }
Result<std::string> as_milliseconds(const std::string& value) { return with_unit(value, "ms"); }
Result<std::string> as_seconds(const std::string& value) { return with_unit(value, "s"); }
Result<std::string> as_precision(const std::string& value) {
  return value == "1000" ? Result<std::string>("\"1s\"") : with_unit(value, "ms");
}
Result<std::string> as_hours(const std::string& value) { return with_unit(value, "h"); }
Result<std::string> as_bytes(const std::string& value) { return with_unit(value, "B"); }
Result<std::string> as_flush(const std::string& value) {
  return std::string(value == "SYNC_FLUSH" ? "\"sync\"" : "\"async\"");
}
/// Entries of 20 bytes; RocketMQ rounds the file up to a whole one.
Result<std::string> as_queue_entries(const std::string& value) {
  const auto parsed = number(value);
  if (!parsed) return parsed.error();
  return std::to_string((*parsed + 19) / 20);
}
/// Units of 46 bytes.
Result<std::string> as_batch_units(const std::string& value) {
  const auto parsed = number(value);
  if (!parsed) return parsed.error();
  if (*parsed < 46 || *parsed % 46 != 0) return Error(Errc::invalid_parameter, "is no multiple of 46 bytes");
  return std::to_string(*parsed / 46);
}
Result<std::string> as_ratio(const std::string& value) {
  const auto parsed = number(value);
  if (!parsed) return parsed.error();
  const std::int64_t percent = std::clamp<std::int64_t>(*parsed, 10, 95);
  return text("0.", percent / 10, percent % 10);
}
Result<std::string> as_list(const std::string& value) {
  std::string out = "[";
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(';', begin), value.size());
    if (end > begin)
      out += (out.size() > 1 ? ", " : "") + toml_string(std::string_view(value).substr(begin, end - begin));
    begin = end + 1;
  }
  return out + "]";
}

struct Rule {
  const char* java;
  const char* table;  ///< Of ours.
  const char* key;
  Converter convert;
};

constexpr Rule kRules[] = {
    {"brokerClusterName", "broker", "cluster", quoted},
    {"brokerName", "broker", "name", quoted},
    {"brokerId", "broker", "id", as_integer},
    {"namesrvAddr", "broker", "name_servers", as_list},
    {"regionId", "broker", "region", quoted},
    {"autoCreateTopicEnable", "broker", "auto_create_topic", as_boolean},
    {"defaultTopicQueueNums", "broker", "default_topic_queue_nums", as_integer},
    {"clusterTopicEnable", "broker", "cluster_topic", as_boolean},
    {"brokerTopicEnable", "broker", "broker_topic", as_boolean},
    {"traceTopicEnable", "broker", "trace_topic", as_boolean},
    {"traceOn", "broker", "trace_on", as_boolean},
    {"enableLmq", "broker", "light_queues", as_boolean},
    {"autoCreateSubscriptionGroup", "broker", "auto_create_subscription_group", as_boolean},
    {"longPollingEnable", "broker", "long_polling", as_boolean},
    {"flushConsumerOffsetInterval", "broker", "flush_consumer_offset_interval", as_milliseconds},
    {"registerNameServerPeriod", "broker", "register_name_server_period", as_milliseconds},
    {"registerBrokerTimeoutMills", "broker", "register_broker_timeout", as_milliseconds},
    {"syncFlushTimeout", "broker", "sync_flush_timeout", as_milliseconds},
    {"maxMessageSize", "broker", "max_message_size", as_bytes},
    {"maxMessageSize", "plugins.store", "max_message_size", as_bytes},
    {"flushDiskType", "plugins.store", "flush", as_flush},
    {"flushIntervalCommitLog", "plugins.store", "flush_interval", as_milliseconds},
    {"mappedFileSizeCommitLog", "plugins.store", "commit_log_file_size", as_bytes},
    {"mappedFileSizeConsumeQueue", "plugins.store", "consume_queue_file_entries", as_queue_entries},
    {"mapperFileSizeBatchConsumeQueue", "plugins.store", "batch_consume_queue_file_units", as_batch_units},
    {"messageIndexEnable", "plugins.store", "index", as_boolean},
    {"maxHashSlotNum", "plugins.store", "index_slots", as_integer},
    {"maxIndexNum", "plugins.store", "index_entries", as_integer},
    {"enableConsumeQueueExt", "plugins.store", "consume_queue_extension", as_boolean},
    {"mappedFileSizeConsumeQueueExt", "plugins.store", "consume_queue_extension_file_size", as_bytes},
    {"enableCalcFilterBitMap", "plugins.store", "filter_bit_maps", as_boolean},
    {"enableMultiDispatch", "plugins.store", "light_queues", as_boolean},
    {"maxLmqConsumeQueueNum", "plugins.store", "light_queues_max", as_integer},
    {"enabledAppendPropCRC", "plugins.store", "property_crc", as_boolean},
    {"fileReservedTime", "plugins.store", "file_reserved_time", as_hours},
    {"deleteWhen", "plugins.store", "delete_when", as_list},
    {"diskMaxUsedSpaceRatio", "plugins.store", "disk_max_used_ratio", as_ratio},
    {"diskSpaceCleanForciblyRatio", "plugins.store", "disk_clean_forcibly_ratio", as_ratio},
    {"diskSpaceWarningLevelRatio", "plugins.store", "disk_warning_ratio", as_ratio},
    {"cleanFileForciblyEnable", "plugins.store", "clean_file_forcibly", as_boolean},
    {"messageDelayLevel", "plugins.delay", "message_delay_level", quoted},
    {"flushDelayOffsetInterval", "plugins.delay", "delay_offset_flush_interval", as_milliseconds},
    {"timerWheelEnable", "plugins.delay", "timer", as_boolean},
    {"timerMaxDelaySec", "plugins.delay", "timer_max_delay", as_seconds},
    {"timerPrecisionMs", "plugins.delay", "timer_precision", as_precision},
    {"mappedFileSizeTimerLog", "plugins.delay", "timer_log_file_size", as_bytes},
    {"timerFlushIntervalMs", "plugins.delay", "timer_flush_interval", as_milliseconds},
    {"recallMessageEnable", "plugins.delay", "recall", as_boolean},
    {"transactionCheckInterval", "plugins.transaction", "check_interval", as_milliseconds},
    {"transactionTimeOut", "plugins.transaction", "timeout", as_milliseconds},
    {"transactionCheckMax", "plugins.transaction", "check_max", as_integer},
};

/// Keys that are answered otherwise than by a rule, or need no answer.
constexpr const char* kHandled[] = {"storePathRootDir", "storePathCommitLog", "listenPort",
                                    "bindAddress",      "brokerIP1",          "rocketmqHome"};

struct Reason {
  const char* java;
  const char* why;
};
constexpr Reason kReasons[] = {
    {"brokerRole", "add [plugins.ha] and say its replication; broker.id above 0 is a slave"},
    {"haListenPort", "add [plugins.ha] and say its listen"},
    {"brokerIP2", "add [plugins.ha] and say its advertise"},
    {"slaveReadEnable", "say broker.slave_read, true by default"},
    {"transientStorePoolEnable",
     "appends go straight to the files; what is acknowledged survives a crash of the process"},
    {"warmMapedFileEnable", "pages are made present ahead of the appends anyway: populate_ahead"},
    {"enablePropertyFilter", "load the plug-in filter-sql instead"},
    {"forceVerifyPropCRC", "with plugins.store.property_crc the CRC is checked where a record has one"},
    {"bitMapLengthConsumeQueueExt", "the broker replaces it by the length that its filters need: here 112 bits"},
    {"timerRollWindowSlot", "say plugins.delay.timer_roll_window: these slots times timerPrecisionMs"},
    {"sendMessageThreadPoolNums", "there are no pools by kind of request: runtime.net_threads"},
    {"pullMessageThreadPoolNums", "there are no pools by kind of request: runtime.net_threads"},
    {"osPageCacheBusyTimeOutMills", "requests do not queue for the page cache"},
    {"coldDataFlowControlEnable", "say broker.cold_read_rate, for all groups together"},
    {"globalColdReadThreshold", "say broker.cold_read_rate, for all groups together"},
    {"cgColdReadThreshold", "there is one rate for all groups: broker.cold_read_rate"},
    {"waitTimeMillsInSendQueue", "requests do not wait in queues"},
};

const char* reason_for(std::string_view key) {
  for (const Reason& reason : kReasons) {
    if (key == reason.java) return reason.why;
  }
  return "unknown here";
}

bool has_rule(std::string_view key) {
  return std::any_of(std::begin(kRules), std::end(kRules), [&](const Rule& rule) { return key == rule.java; }) ||
         std::find(std::begin(kHandled), std::end(kHandled), key) != std::end(kHandled);
}

std::string value_or(const Values& values, std::string_view key, std::string otherwise) {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : found->second;
}

bool belongs_to(std::string_view key, std::string_view plugin) {
  return std::any_of(std::begin(kRules), std::end(kRules),
                     [&](const Rule& rule) { return key == rule.java && rule.table == text("plugins.", plugin); });
}

class Writer {
 public:
  Writer(const MoveRequest& request, Values values) : request_(request), values_(std::move(values)) {}

  Result<MovedConfig> run() {
    if (Status possible = check(); !possible) return possible.error();
    line("# Written by `tenon config from-rocketmq`: serves the store of a RocketMQ broker where it lies.");
    line("# Stop that broker first. Either of the two may open the directory again after the other was stopped.");
    Status written = broker();
    if (written) written = store();
    for (const char* name : {"filter-tag", "filter-sql", "delay", "transaction"}) {
      if (written && has_plugin(name)) written = plugin(name);
    }
    if (!written) return written.error();
    native();
    name_what_is_left();
    return std::move(result_);
  }

 private:
  bool has_plugin(std::string_view name) const {
    return std::find(request_.plugins.begin(), request_.plugins.end(), name) != request_.plugins.end();
  }
  void line(std::string_view written) { result_.toml += text(written, "\n"); }
  void set(std::string_view key, std::string_view value) { line(text(key, " = ", value)); }

  std::string root() const { return value_or(values_, "storePathRootDir", request_.home + "/store"); }

  Status check() const {
    const std::string type = value_or(values_, "storeType", "default");
    if (type != "default")
      return Error(Errc::invalid_parameter, text("storeType = ", type, ": a store in RocksDB cannot be served"));
    if (value_or(values_, "enableDLegerCommitLog", "false") == "true")
      return Error(Errc::invalid_parameter, "enableDLegerCommitLog = true: a DLedger store cannot be served");
    if (value_or(values_, "storePathCommitLog", "").find(',') != std::string::npos)
      return Error(Errc::invalid_parameter, "storePathCommitLog names several directories, which cannot be served");
    return {};
  }

  Status rules(std::string_view table) {
    for (const Rule& rule : kRules) {
      const auto found = values_.find(rule.java);
      if (table != rule.table || found == values_.end()) continue;
      const auto value = rule.convert(found->second);
      if (!value) return Error(Errc::invalid_parameter, text(rule.java, ": ", value.error().message()));
      set(rule.key, *value);
    }
    return {};
  }

  Status broker() {
    line("\n[broker]");
    set("data_dir", toml_string(root()));
    return rules("broker");
  }

  Status store() {
    line(text("\n[plugins.store]\ntype = ", toml_string(request_.store_type)));
    std::string named = value_or(values_, "storePathCommitLog", "");
    while (named.size() > 1 && named.back() == '/') named.pop_back();
    const std::filesystem::path log = named;
    if (!log.empty() && log.lexically_normal() != (std::filesystem::path(root()) / "commitlog").lexically_normal())
      set("commit_log_path", toml_string(log.string()));
    // One of the two alone would keep the other from being taken from the files.
    if (values_.count("maxHashSlotNum") != values_.count("maxIndexNum")) {
      values_.emplace("maxHashSlotNum", "5000000");
      values_.emplace("maxIndexNum", "20000000");
    }
    if (!values_.count("mappedFileSizeCommitLog"))
      line("# File sizes that the Java broker did not set are taken from its files, or are RocketMQ's defaults.");
    if (!values_.count("cleanFileForciblyEnable"))
      line(
          "# RocketMQ deletes messages before their time on a nearly full disk; to do the same: clean_file_forcibly = "
          "true");
    return rules("plugins.store");
  }

  Status plugin(const std::string& name) {
    line(text("\n[plugins.", name, "]"));
    return rules("plugins." + name);
  }

  /// The port, and the one of RocketMQ's "VIP channel" two below it, which a Java broker always opens.
  static std::string listeners(const std::string& host, const std::string& port) {
    const std::string first = toml_string(host + ":" + port);
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    return number <= 2 ? first : text("[", first, ", ", toml_string(text(host, ":", number - 2)), "]");
  }

  void native() {
    const std::string port = value_or(values_, "listenPort", "10911");
    const std::string host = value_or(values_, "bindAddress", "0.0.0.0");
    const auto advertised = values_.find("brokerIP1");
    line("\n[plugins.native]\ntype = \"protocol-native\"");
    if (advertised != values_.end()) {
      set("listen", listeners(host, port));
      const bool is_v6 = advertised->second.find(':') != std::string::npos && advertised->second.front() != '[';
      set("advertise", toml_string(text(is_v6 ? "[" : "", advertised->second, is_v6 ? "]:" : ":", port)));
      return;
    }
    line(
        "# brokerIP1 was not set, and the Java broker chose an address of its machine: name one that clients can "
        "reach.");
    set("listen", listeners("127.0.0.1", port));
    result_.without_counterpart.push_back(
        "brokerIP1 (not set): the Java broker chose an address itself; say in plugins.native which one clients can "
        "reach");
  }

  void name_what_is_left() {
    std::string comments;
    for (const auto& [key, value] : values_) {
      if (key == "brokerRole" && value == "ASYNC_MASTER") continue;  // what every broker here is
      if (key == "storeType" || key == "enableDLegerCommitLog") continue;
      std::string why;
      if (!has_rule(key)) why = reason_for(key);
      for (const char* plugin : {"delay", "transaction"}) {
        if (belongs_to(key, plugin) && !has_plugin(plugin)) why = text("the plug-in ", plugin, " is not installed");
      }
      if (why.empty()) continue;
      result_.without_counterpart.push_back(text(key, " = ", value, ": ", why));
      comments += text("#   ", key, " = ", value, ": ", why, "\n");
    }
    if (!comments.empty()) result_.toml += "\n# Keys of the Java broker without a counterpart:\n" + comments;
  }

  const MoveRequest& request_;
  Values values_;
  MovedConfig result_;
};

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; });
}

}  // namespace

Result<MovedConfig> from_rocketmq(const MoveRequest& request) {
  Values values;
  for (auto& [key, value] : read_properties(request.broker_conf)) {
    // They may be in no comment, which a line break would end besides.
    if (has_control_character(key) || has_control_character(value))
      return Error(Errc::invalid_parameter, "a control character in a key or its value: is that a broker.conf?");
    values.emplace(std::move(key), std::move(value));
  }
  return Writer(request, std::move(values)).run();
}

}  // namespace tenon::storetools
