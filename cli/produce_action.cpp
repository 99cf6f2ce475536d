// SPDX-License-Identifier: Apache-2.0
#include "produce_action.hpp"

#include <cstdio>
#include <iostream>

#include "client/producer.hpp"
#include "masters.hpp"

namespace tenon::cli {
namespace {

const char* name_of(client::SendStatus status) {
  switch (status) {
    case client::SendStatus::ok:
      return "SEND_OK";
    case client::SendStatus::flush_disk_timeout:
      return "FLUSH_DISK_TIMEOUT";
    case client::SendStatus::flush_slave_timeout:
      return "FLUSH_SLAVE_TIMEOUT";
    case client::SendStatus::slave_not_available:
      return "SLAVE_NOT_AVAILABLE";
  }
  return "?";
}

bool take_properties(const ProduceOptions& options, client::Message& message) {
  for (const std::string& property : options.properties) {
    const std::size_t equals = property.find('=');
    if (equals == std::string::npos || equals == 0) {
      std::fprintf(stderr, "tenon produce: property '%s' is not name=value\n", property.c_str());
      return false;
    }
    message.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
  }
  return true;
}

struct Sent {
  std::uint64_t count = 0;
  std::uint64_t unconfirmed = 0;                            ///< Stored, but not as safe as the broker promises.
  client::SendStatus last_reason = client::SendStatus::ok;  ///< Of the unconfirmed ones.
};

void send(client::Producer& producer, const client::Message& message, const ProduceOptions& options, Sent& all) {
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const auto sent = producer.send(message).value();
    ++all.count;
    if (sent.status != client::SendStatus::ok) {
      ++all.unconfirmed;
      all.last_reason = sent.status;
    }
    if (options.quiet) continue;
    std::printf("%s %s %s/%d offset %lld\n", name_of(sent.status), sent.message_id.c_str(),
                sent.queue.broker_name.c_str(), sent.queue.queue_id, static_cast<long long>(sent.queue_offset));
  }
}

ExitCode conclude(const Sent& all) {
  if (all.unconfirmed == 0) return ExitCode::ok;
  std::fprintf(stderr,
               "tenon produce: %llu of %llu messages are stored, but not as safe as the broker promises (%s); "
               "sending them again would store them twice\n",
               static_cast<unsigned long long>(all.unconfirmed), static_cast<unsigned long long>(all.count),
               name_of(all.last_reason));
  return ExitCode::failure;
}

}  // namespace

ExitCode produce_messages(const ProduceOptions& options) {
  client::Message message = options.message;
  if (!take_properties(options, message)) return ExitCode::usage;
  client::ClientInstance instance(client_of(options.name_servers));
  client::ProducerOptions producer_options;
  producer_options.group = options.group;
  client::Producer producer(instance, producer_options);
  Sent sent;
  for (const std::string& body : options.bodies) {
    message.body = body;
    send(producer, message, options, sent);
  }
  while (options.bodies.empty() && std::getline(std::cin, message.body)) {
    if (!message.body.empty()) send(producer, message, options, sent);  // RocketMQ has no empty messages
  }
  return conclude(sent);
}

}  // namespace tenon::cli
