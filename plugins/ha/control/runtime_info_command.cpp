// SPDX-License-Identifier: Apache-2.0
// Source: ../shared/reference/remoting-protocol.md 3.10, HARuntimeInfo.
#include "fastjson/writer.hpp"
#include "ha/control/ha_commands.hpp"

namespace tenon::ha {
namespace {

void write_connection(fastjson::Writer& json, const ReplicaStatus& replica) {
  json.begin_object().member("addr", replica.address.to_string()).member("diff", replica.lag_bytes);
  json.member("inSync", replica.in_sync).member("slaveAckOffset", replica.acknowledged.value);
  json.member("transferFromWhere", replica.sent.value).member("transferredByteInSecond", 0).end_object();
}

}  // namespace

Result<std::string> RuntimeInfoCommand::run(std::string_view) {
  if (parts_.role == nullptr) return Error(Errc::service_not_available, "replication has not started");
  const ReplicationStatus status = parts_.replication->status();
  const MasterStatus master = status.master.value_or(MasterStatus{});
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().key("haClientRuntimeInfo").begin_object().member("lastReadTimestamp", 0);
  json.member("lastWriteTimestamp", 0).member("masterAddr", master.address).member("masterFlushOffset", 0);
  json.member("maxOffset", status.log_max.value).member("transferredByteInSecond", 0).end_object();
  json.key("haConnectionInfo").begin_array();
  for (const ReplicaStatus& replica : status.replicas) write_connection(json, replica);
  json.end_array().member("inSyncSlaveNums", status.in_sync_replicas - 1);
  json.member("master", parts_.role->is_master());
  json.member("masterCommitLogMaxOffset", status.master ? master.log_max.value : status.log_max.value).end_object();
  return out;
}

}  // namespace tenon::ha
