// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/registrar/name_server_registrar.hpp"

#include <span>
#include <utility>

#include "broker_json/data_version.hpp"
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "protocol-native/bodies/register_broker_body.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "remoting/command_writer.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::protocol_native {
namespace {

/// A frame may hold 16 MiB; far below that, compressing already costs less than sending.
constexpr std::size_t kCompressAboveBytes = 1024 * 1024;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Of a ClusterInfo; remoting-protocol.md 3.2.
Result<std::string> master_in(std::string_view body, std::string_view broker_name) {
  const auto cluster = fastjson::parse(body);
  if (!cluster) return cluster.error();
  const fastjson::Value* found = &*cluster;
  for (const std::string_view key :
       {std::string_view("brokerAddrTable"), broker_name, std::string_view("brokerAddrs"), std::string_view("0")}) {
    found = found->find(key);
    if (found == nullptr) return std::string();
  }
  return found->as_text().value_or("");
}

void write_identity(remoting::CommandWriter& writer, const BrokerRegistration& registration) {
  writer.field("brokerAddr", registration.broker_address.to_string())
      .field("brokerId", registration.broker_id)
      .field("brokerName", registration.broker_name)
      .field("clusterName", registration.cluster);
}

void write_register_frame(remoting::OutputBuffer& out, std::int32_t opaque, const BrokerRegistration& registration,
                          std::span<const std::byte> body, bool compressed) {
  const auto start =
      remoting::request_start(remoting::HeaderType::json, remoting::RequestCode::register_broker, opaque);
  remoting::CommandWriter writer(out, start);
  writer.field("bodyCrc32", remoting::crc32_31(body));
  write_identity(writer, registration);
  writer.field("compressed", compressed)
      .field("enableActingMaster", false)
      .field("haServerAddr", registration.ha_address.to_string());
  if (const auto timeout = registration.not_active_timeout.count(); timeout > 0)
    writer.field("heartbeatTimeoutMillis", timeout);
  writer.finish(body);
}

}  // namespace

void write_register_broker(remoting::OutputBuffer& out, std::int32_t opaque, const BrokerRegistration& registration) {
  const std::string plain = register_broker_body(registration);
  if (plain.size() <= kCompressAboveBytes) {
    return write_register_frame(out, opaque, registration, bytes_of(plain), false);
  }
  write_register_frame(out, opaque, registration, compressed_register_broker_body(registration), true);
}

void write_unregister_broker(remoting::OutputBuffer& out, std::int32_t opaque, const BrokerRegistration& registration) {
  const auto start =
      remoting::request_start(remoting::HeaderType::json, remoting::RequestCode::unregister_broker, opaque);
  remoting::CommandWriter writer(out, start);
  write_identity(writer, registration);
  writer.finish();
}

void NameServerRegistrar::start(boost::asio::any_io_executor executor, const HostAddress& advertised,
                                NameServerClient::LeadsNowhere leads_nowhere) {
  const std::lock_guard lock(mutex_);
  executor_ = std::move(executor);
  advertised_ = advertised;
  leads_nowhere_ = std::move(leads_nowhere);
  started_ = true;
}

void NameServerRegistrar::stop() {
  const std::lock_guard lock(mutex_);
  started_ = false;
  for (const auto& [name_server, client] : std::exchange(clients_, {})) client->close();
}

HostAddress NameServerRegistrar::advertised_address() const {
  const std::lock_guard lock(mutex_);
  return advertised_;
}

void NameServerRegistrar::register_broker(std::string_view name_server, const BrokerRegistration& registration,
                                          std::chrono::milliseconds timeout, Registered done) {
  remoting::OutputBuffer frame;
  const std::int32_t opaque = opaque_++;
  write_register_broker(frame, opaque, registration);
  send(name_server, opaque, std::move(frame), timeout, [done = std::move(done)](const auto& answer) {
    done(answer ? Result<RegistrationAnswer>(answer->registration) : answer.error());
  });
}

void NameServerRegistrar::unregister_broker(std::string_view name_server, const BrokerRegistration& registration,
                                            std::chrono::milliseconds timeout, Done done) {
  remoting::OutputBuffer frame;
  const std::int32_t opaque = opaque_++;
  write_unregister_broker(frame, opaque, registration);
  send(name_server, opaque, std::move(frame), timeout,
       [done = std::move(done)](const auto& answer) { done(answer ? Status{} : Status(answer.error())); });
}

void NameServerRegistrar::check_registration(std::string_view name_server, const BrokerRegistration& registration,
                                             std::chrono::milliseconds timeout, Checked done) {
  std::string version;
  fastjson::Writer json(version);
  broker_json::write_data_version(json, registration.version);
  remoting::OutputBuffer frame;
  const std::int32_t opaque = opaque_++;
  remoting::CommandWriter writer(
      frame, remoting::request_start(remoting::HeaderType::json, remoting::RequestCode::query_data_version, opaque));
  write_identity(writer, registration);
  writer.finish(bytes_of(version));
  send(name_server, opaque, std::move(frame), timeout, [done = std::move(done)](const auto& answer) {
    done(answer ? Result<bool>(!answer->changed) : answer.error());
  });
}

void NameServerRegistrar::find_master(std::string_view name_server, std::string_view broker_name,
                                      std::chrono::milliseconds timeout, Found done) {
  remoting::OutputBuffer frame;
  const std::int32_t opaque = opaque_++;
  remoting::CommandWriter writer(
      frame,
      remoting::request_start(remoting::HeaderType::json, remoting::RequestCode::get_broker_cluster_info, opaque));
  writer.finish();
  send(name_server, opaque, std::move(frame), timeout,
       [name = std::string(broker_name), done = std::move(done)](const auto& answer) {
         done(answer ? master_in(answer->body, name) : answer.error());
       });
}

void NameServerRegistrar::find_queues(std::string_view topic, std::chrono::milliseconds timeout, QueuesFound found) {
  std::vector<std::string> name_servers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name_server, client] : clients_) name_servers.push_back(name_server);
  }
  ask_in_turn(std::move(name_servers), std::string(topic), timeout, std::move(found));
}

void NameServerRegistrar::ask_in_turn(std::vector<std::string> name_servers, std::string topic,
                                      std::chrono::milliseconds timeout, QueuesFound found) {
  if (name_servers.empty()) return found(Error(Errc::disconnected, "no name server answers"));
  const std::string asked = std::move(name_servers.back());
  name_servers.pop_back();
  remoting::OutputBuffer frame;
  const std::int32_t opaque = opaque_++;
  remoting::CommandWriter writer(frame, remoting::request_start(remoting::HeaderType::json,
                                                                remoting::RequestCode::get_routeinfo_by_topic, opaque));
  writer.field("topic", topic);
  writer.finish();
  send(asked, opaque, std::move(frame), timeout,
       [this, others = std::move(name_servers), topic = std::move(topic), timeout,
        found = std::move(found)](const auto& answer) mutable {
         if (answer) return found(read_queue_routes(bytes_of(answer->body)));
         if (answer.error().is(Errc::topic_not_exist)) return found(answer.error());
         ask_in_turn(std::move(others), std::move(topic), timeout, std::move(found));
       });
}

void NameServerRegistrar::send(std::string_view name_server, std::int32_t opaque, remoting::OutputBuffer frame,
                               std::chrono::milliseconds timeout, NameServerClient::Answered done) {
  auto address = split_host_and_port(name_server);
  if (!address) return done(address.error());
  std::shared_ptr<NameServerClient> client;
  {
    const std::lock_guard lock(mutex_);
    if (started_) {
      auto& slot = clients_[std::string(name_server)];
      if (!slot) slot = std::make_shared<NameServerClient>(executor_, std::move(*address), leads_nowhere_);
      client = slot;
    }
  }
  if (!client) return done(Error(Errc::disconnected, "the native protocol is not running"));
  client->call(opaque, std::move(frame), timeout, std::move(done));
}

}  // namespace tenon::protocol_native
