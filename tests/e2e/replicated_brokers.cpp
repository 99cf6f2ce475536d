// SPDX-License-Identifier: Apache-2.0
#include "replicated_brokers.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "fastjson/reader.hpp"
#include "protocol-native/testing/raw_client.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

constexpr std::string_view kConfig = R"([broker]
name = "broker-a"
data_dir = "data"

[plugins.store]
type = "store-mmap"
commit_log_file_size = "4MiB"

[plugins.filter-tag]

[plugins.ha]
listen = "127.0.0.1:0"
heartbeat_interval = "500ms"
housekeeping_interval = "2s"

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"
)";

}  // namespace

BrokerSetup replicated_broker(const HostAddress& name_server, int id, std::vector<std::string> settings) {
  settings.push_back(text("broker.id=", id));
  settings.push_back(text("broker.name_servers=", name_server));
  BrokerSetup setup;
  setup.config = kConfig;
  setup.settings = std::move(settings);
  return setup;
}

fastjson::Value admin_command(const HostAddress& broker, std::string_view name, std::string_view arguments) {
  protocol_native::RawClient client(broker);
  const auto answer = client.call(remoting::RequestCode::tenon_admin_command, {{"command", name}}, arguments);
  if (answer.code != 0) throw std::runtime_error(text(name, ": ", answer.code, " ", answer.remark.value_or("")));
  return fastjson::parse(answer.body).value();
}

fastjson::Value ha_status(const HostAddress& broker) {
  try {
    return admin_command(broker, "ha.status");
  } catch (const std::exception&) {
    return {};
  }
}

bool has_everything(const HostAddress& slave) {
  const fastjson::Value status = ha_status(slave);
  const fastjson::Value* master = status.find("master");
  const fastjson::Value* metadata = status.find("metadata");
  return master != nullptr && master->bool_or("connected", false) && master->i64_or("lagBytes", 1) == 0 &&
         metadata != nullptr && metadata->i64_or("lastTaken", 0) > 0 && metadata->text_or("lastError", "?").empty();
}

bool has_a_slave_in_sync(const HostAddress& master) { return ha_status(master).i64_or("inSyncReplicas", 0) >= 2; }

bool lost_its_lease(const BrokerProcess& ended) {
  constexpr std::string_view kWhy =
      "tenon: stopped because of a fault: election-etcd: its lease in etcd could not be renewed: ";
  return ended.ended_with() == EXIT_FAILURE && ended.log_of_last_run().find(kWhy) != std::string::npos;
}

std::string wrong_end(const BrokerProcess& ended, MayFailToStart may_fail_to_start) {
  const std::string log = ended.log_of_last_run();
  const bool is_sanitized =
      log.find("Sanitizer") != std::string::npos || log.find("runtime error:") != std::string::npos;
  const bool is_refusal = may_fail_to_start == MayFailToStart::yes && ended.ended_with() == EXIT_FAILURE;
  if (!is_sanitized && (is_refusal || lost_its_lease(ended))) return {};
  constexpr std::size_t kLastWords = 600;
  return text("a broker ended by itself with ", ended.ended_with(), " (from 128 on: a signal), its last words: ",
              std::string_view(log).substr(log.size() - std::min(log.size(), kLastWords)));
}

}  // namespace tenon::e2e
