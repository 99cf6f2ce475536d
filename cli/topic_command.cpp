// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "address_check.hpp"
#include "command.hpp"
#include "name_server_option.hpp"
#include "topic_actions.hpp"

namespace tenon::cli {
namespace {

void add_name_server(CLI::App& command, TopicOptions& options) {
  add_name_server_option(command, options.name_servers);
}

void add_where(CLI::App& command, TopicOptions& options) {
  add_name_server(command, options);
  command.add_option("topic", options.settings.name, "Topic")->required();
  auto* cluster = command.add_option("-c,--cluster", options.where.cluster, "Only the brokers of this cluster");
  command.add_option("-b,--broker", options.where.broker_address, "Only this broker, host:port")
      ->check(is_address())
      ->excludes(cluster);
}

void add_create(CommandSet& commands, CLI::App& topic) {
  auto options = std::make_shared<TopicOptions>();
  CLI::App& create = commands.add(topic, "create", "Create a topic, or change it",
                                  "tenon topic create orders --queues 8", [options] { return create_topic(*options); });
  add_where(create, *options);
  create.add_option("-q,--queues", options->queues, "Queues per broker, for reading and writing")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  create.add_option("--perm", options->settings.perm, "Permissions: 2 write, 4 read, 6 both")
      ->check(CLI::IsMember({2, 4, 6}))
      ->capture_default_str();
  create.add_option("--attributes", options->settings.attributes, "Such as +message.type=FIFO");
}

void add_topic_list(CommandSet& commands, CLI::App& topic) {
  auto options = std::make_shared<TopicOptions>();
  CLI::App& list = commands.add(topic, "list", "List the topics, one a line", "tenon topic list -n 127.0.0.1:9876",
                                [options] { return list_topics(*options); });
  add_name_server(list, *options);
}

void add_route(CommandSet& commands, CLI::App& topic) {
  auto options = std::make_shared<TopicOptions>();
  CLI::App& route = commands.add(topic, "route", "Show where a topic lives", "tenon topic route orders",
                                 [options] { return show_route(*options); });
  add_name_server(route, *options);
  route.add_option("topic", options->settings.name, "Topic")->required();
}

void add_delete(CommandSet& commands, CLI::App& topic) {
  auto options = std::make_shared<TopicOptions>();
  CLI::App& remove = commands.add(topic, "delete", "Delete a topic and its messages", "tenon topic delete orders",
                                  [options] { return delete_topic(*options); });
  add_where(remove, *options);
}

}  // namespace

void add_topic_commands(CommandSet& commands) {
  CLI::App& topic =
      commands.add_group("topic", "Create topics and look at them", "tenon topic create orders --queues 8");
  add_create(commands, topic);
  add_topic_list(commands, topic);
  add_route(commands, topic);
  add_delete(commands, topic);
}

}  // namespace tenon::cli
