// SPDX-License-Identifier: Apache-2.0
#include "topic_actions.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include "masters.hpp"

namespace tenon::cli {
namespace {

void print_route(const client::TopicRoute& route) {
  std::printf("%-24s %-22s %6s %6s %5s\n", "BROKER", "ADDRESS", "READ", "WRITE", "PERM");
  for (const client::QueueData& queue : route.queues) {
    const std::string address(route.address_of(queue.broker_name));
    std::printf("%-24s %-22s %6d %6d %3s%s\n", queue.broker_name.c_str(), address.c_str(), queue.read_queue_nums,
                queue.write_queue_nums, (queue.perm & client::perm::read) != 0 ? "R" : "-",
                (queue.perm & client::perm::write) != 0 ? "W" : "-");
  }
}

}  // namespace

ExitCode create_topic(const TopicOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  client::TopicSettings settings = options.settings;
  settings.read_queue_nums = settings.write_queue_nums = options.queues;
  const auto addresses = client::AdminClient(instance).create_topic(settings, options.where).value();
  for (const std::string& address : addresses) {
    std::printf("%s: %s with %d queues\n", address.c_str(), settings.name.c_str(), options.queues);
  }
  return ExitCode::ok;
}

ExitCode list_topics(const TopicOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  auto topics = client::AdminClient(instance).topics().value();
  std::sort(topics.begin(), topics.end());
  for (const std::string& topic : topics) std::puts(topic.c_str());
  return ExitCode::ok;
}

ExitCode show_route(const TopicOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  print_route(client::AdminClient(instance).route_of(options.settings.name).value());
  return ExitCode::ok;
}

ExitCode delete_topic(const TopicOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  client::AdminClient admin(instance);
  // Brokers call it a success to delete what they never had; a mistyped name should not look like one.
  if (options.where.broker_address.empty()) static_cast<void>(admin.route_of(options.settings.name).value());
  const auto addresses = admin.delete_topic(options.settings.name, options.where).value();
  for (const std::string& address : addresses)
    std::printf("%s: %s deleted\n", address.c_str(), options.settings.name.c_str());
  return ExitCode::ok;
}

}  // namespace tenon::cli
