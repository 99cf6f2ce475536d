// SPDX-License-Identifier: Apache-2.0
#include "config/kernel_sections.hpp"

#include <array>

namespace tenon::kernel {
namespace {

constexpr std::array kRuntimeKeys{
    ConfigKey{.name = "net_threads",
              .type = ConfigType::integer,
              .default_value = "0",
              .meaning = "Threads for sockets, net-N; 0 takes one for each of net_cpus, else half the processors, at "
                         "least one.",
              .minimum = 0,
              .maximum = 256},
    ConfigKey{.name = "net_cpus",
              .type = ConfigType::string,
              .default_value = "",
              .meaning = "Processors for the threads that serve sockets, such as 0-3,8; all other threads run on the "
                         "others, if there are any. Empty: every thread runs where the operating system puts it."},
    ConfigKey{.name = "catch_up_threads",
              .type = ConfigType::integer,
              .default_value = "0",
              .meaning = "Threads for the sockets of clients that read far behind the end of the log, "
                         "catch-up-N; 0 takes one for every four of net-N, at least one.",
              .minimum = 0,
              .maximum = 256},
    ConfigKey{.name = "disk_threads",
              .type = ConfigType::integer,
              .default_value = "2",
              .meaning = "Threads that may wait for the disk, disk-N.",
              .minimum = 1,
              .maximum = 64},
    ConfigKey{.name = "idle_poll",
              .type = ConfigType::short_duration,
              .default_value = "0us",
              .meaning = "How long a thread that serves sockets looks for work before it sleeps, as long as that "
                         "finds some often enough; 0us: it sleeps at once.",
              .minimum = 0,
              .maximum = 1'000},
    ConfigKey{
        .name = "plugin_path",
        .type = ConfigType::string_list,
        .default_value = "[]",
        .meaning = "More directories with plug-in files, after the program's own and those of TENON_PLUGIN_PATH."},
    ConfigKey{.name = "drain_timeout",
              .type = ConfigType::duration,
              .default_value = "15s",
              .meaning = "How long work in flight may take after SIGTERM before connections are cut.",
              .minimum = 0,
              .maximum = 600'000,
              .reload = Reload::live},
    ConfigKey{.name = "ports_file",
              .type = ConfigType::path,
              .default_value = "",
              .meaning = "File to write the listening addresses into once the process serves; useful with port 0."},
};

constexpr std::array kLogKeys{
    ConfigKey{.name = "level",
              .type = ConfigType::string,
              .default_value = "info",
              .meaning = "What is written to standard error: this level and those above it.",
              .choices = "trace|debug|info|warn|error|critical",
              .reload = Reload::live},
};

}  // namespace

std::span<const ConfigKey> runtime_config_keys() { return kRuntimeKeys; }
std::span<const ConfigKey> log_config_keys() { return kLogKeys; }

RuntimeConfig read_runtime_config(const ConfigSection& section) {
  RuntimeConfig config;
  config.net_threads = static_cast<int>(section.integer("net_threads"));
  config.net_cpus = section.string("net_cpus");
  config.catch_up_threads = static_cast<int>(section.integer("catch_up_threads"));
  config.disk_threads = static_cast<int>(section.integer("disk_threads"));
  config.idle_poll = section.short_duration("idle_poll");
  config.plugin_path = section.list("plugin_path");
  config.drain_timeout = section.duration("drain_timeout");
  config.ports_file = section.string("ports_file");
  return config;
}

LogLevel read_log_level(const ConfigSection& section) {
  LogLevel level = LogLevel::info;
  parse_log_level(section.string("level"), level);
  return level;
}

}  // namespace tenon::kernel
