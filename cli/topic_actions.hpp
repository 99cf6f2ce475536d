// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "client/admin_client.hpp"
#include "exit_code.hpp"

namespace tenon::cli {

struct TopicOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::int32_t queues = 8;
  client::TopicSettings settings;
  client::BrokerSelection where;
};

/// What the topic commands do; results go to standard output. Errors: tenon::Failure.
ExitCode create_topic(const TopicOptions& options);
ExitCode list_topics(const TopicOptions& options);
ExitCode show_route(const TopicOptions& options);
ExitCode delete_topic(const TopicOptions& options);

}  // namespace tenon::cli
