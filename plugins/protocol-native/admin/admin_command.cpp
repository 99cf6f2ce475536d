// SPDX-License-Identifier: Apache-2.0
// TENON_ADMIN_COMMAND, a request of Tenon's own: field `command` is a name, the body its arguments, both ways JSON.
#include "fastjson/writer.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/advertised_address.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

void run_command(Request& request) {
  const std::string name(request.require_text("command"));
  const BrokerServices& services = request.services();
  if (!may_command(services, request.remote_address())) {
    return request.fail(Error(Errc::no_permission, text("command ", name,
                                                        " refused: it is taken from this host only (remote_admin of "
                                                        "protocol-native is false)")));
  }
  if (services.admin_commands == nullptr) {
    return request.fail(Error(Errc::query_not_found, text("this process has no command ", name)));
  }
  answer_from_disk(request, [name, arguments = std::string(request.body_text())](const BrokerServices& offered) {
    Result<std::string> result = offered.admin_commands->run(name, arguments);
    if (!result) throw Failure(result.error());
    return answer_with_body(std::move(*result));
  });
}

/// A broker that nobody can follow and that follows nobody, whatever its id.
std::string no_replicas(const BrokerServices& services) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().key("haConnectionInfo").begin_array().end_array().member("inSyncSlaveNums", 0);
  json.member("master", services.identity->broker_id() == 0);
  json.member("masterCommitLogMaxOffset", services.store->status().max_physical_offset.value);
  json.end_object();
  return out;
}

/// GET_BROKER_HA_STATUS, for mqadmin: who replicates answers it.
void broker_ha_status(Request& request) {
  answer_from_disk(request, [](const BrokerServices& services) {
    Result<std::string> info = Error(Errc::query_not_found, "no replication plug-in is loaded");
    if (services.admin_commands != nullptr) info = services.admin_commands->run("ha.runtime-info", {});
    if (!info && info.error().is(Errc::query_not_found)) info = no_replicas(services);
    if (!info) throw Failure(info.error());
    return answer_with_body(std::move(*info));
  });
}

}  // namespace

bool may_command(const BrokerServices& services, const HostAddress& client) {
  return services.remote_admin_commands || is_address_of_this_host(client);
}

void add_admin_command_handlers(HandlerTable& table) {
  table.add(remoting::RequestCode::tenon_admin_command, run_command);
  table.add(remoting::RequestCode::get_broker_ha_status, broker_ha_status);
}

}  // namespace tenon::protocol_native
