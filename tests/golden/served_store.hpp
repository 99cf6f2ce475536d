// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker_process.hpp"
#include "golden_directory.hpp"
#include "message_requests.hpp"
#include "tenon/properties.hpp"

/// A Java broker's store, served by the whole program.
namespace tenon::golden {

/// Starts `broker` again over the files of `store` (a case of ../shared/golden/store/ and a version, "delay-5.4.0").
inline void serve_instead(e2e::BrokerProcess& broker, const std::string& store) {
  ASSERT_EQ(broker.end(SIGTERM), 0);
  const std::filesystem::path data = broker.directory() / "data";
  std::filesystem::remove_all(data);
  std::filesystem::create_directory(data);
  const std::string archive = (directory() / "store" / (store + ".tar.zst")).string();
  ASSERT_EQ(std::system(("tar --zstd --strip-components=1 -xf '" + archive + "' -C '" + data.string() + "'").c_str()),
            0);
  broker.start_again();
}

inline std::vector<e2e::PulledMessage> all_of(protocol_native::RawClient& client, std::string_view topic, int queues) {
  std::vector<e2e::PulledMessage> all;
  for (int queue = 0; queue < queues; ++queue) {
    for (e2e::PulledMessage& message : e2e::all_messages(client, topic, std::to_string(queue)))
      all.push_back(std::move(message));
  }
  return all;
}

inline std::set<std::string> unique_keys_of(const std::vector<e2e::PulledMessage>& messages) {
  std::set<std::string> keys;
  for (const e2e::PulledMessage& message : messages)
    keys.insert(std::string(PropertiesView(message.properties).find(property::unique_key).value_or("")));
  return keys;
}

}  // namespace tenon::golden
