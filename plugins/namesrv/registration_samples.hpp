// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "tenon/route_table.hpp"

namespace tenon::namesrv {

struct SampleDetails {
  std::int32_t queues = 8;
  std::int64_t state_version = 0;
};

/// A complete registration in cluster "C" for tests; the HA port is one above the broker's.
inline RegistrationAtNameServer sample_registration(const char* broker_name, std::int64_t id, const char* address,
                                                    std::initializer_list<const char*> topics,
                                                    SampleDetails details = {}) {
  RegistrationAtNameServer out;
  out.registration.cluster = "C";
  out.registration.broker_name = broker_name;
  out.registration.broker_id = id;
  out.registration.broker_address = HostAddress::parse(address).value();
  const auto& at = out.registration.broker_address;
  out.registration.ha_address = HostAddress::v4({127, 0, 0, 1}, static_cast<std::uint16_t>(at.port() + 1));
  out.registration.version = {details.state_version, 1'700'000'000'000, 1};
  for (const char* name : topics) {
    auto topic = std::make_shared<TopicConfig>();
    topic->name = name;
    topic->read_queue_nums = topic->write_queue_nums = details.queues;
    out.registration.topics.push_back(std::move(topic));
  }
  return out;
}

}  // namespace tenon::namesrv
