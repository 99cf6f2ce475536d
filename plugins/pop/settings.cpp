// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

namespace tenon::pop {
namespace {

constexpr ConfigKey kKeys[] = {
    {.name = "waiting_max",
     .type = ConfigType::integer,
     .default_value = "100000",
     .meaning = "Requests that wait for messages at most (maxPopPollingSize); more are answered 209.",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "waiting_of_queue_max",
     .type = ConfigType::integer,
     .default_value = "1024",
     .meaning = "The same for one group, topic and queue (popPollingSize).",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "retry_percent",
     .type = ConfigType::integer,
     .default_value = "20",
     .meaning = "Of 100 requests, how many look for messages to be tried again first (popFromRetryProbability); the "
                "others look for them last.",
     .minimum = 0,
     .maximum = 100},
};

}  // namespace

std::span<const ConfigKey> pop_keys() { return kKeys; }

Settings read_settings(const ConfigSection& section) {
  Settings settings;
  settings.waiting_max = static_cast<std::size_t>(section.integer("waiting_max"));
  settings.waiting_of_queue_max = static_cast<std::size_t>(section.integer("waiting_of_queue_max"));
  settings.retry_percent = static_cast<int>(section.integer("retry_percent"));
  return settings;
}

}  // namespace tenon::pop
