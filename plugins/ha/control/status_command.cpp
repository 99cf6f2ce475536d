// SPDX-License-Identifier: Apache-2.0
#include "fastjson/writer.hpp"
#include "ha/control/ha_commands.hpp"

namespace tenon::ha {
namespace {

std::string_view name_of(ReplicationProtocol protocol) {
  return protocol == ReplicationProtocol::classic ? "classic" : "extended";
}

void write_replica(fastjson::Writer& json, const ReplicaStatus& replica) {
  json.begin_object().member("address", replica.address.to_string());
  json.member("brokerId", replica.broker_id).member("protocol", name_of(replica.protocol));
  json.member("sent", replica.sent.value).member("acknowledged", replica.acknowledged.value);
  json.member("lagBytes", replica.lag_bytes).member("lagMillis", replica.lag_ms);
  json.member("inSync", replica.in_sync).end_object();
}

void write_master(fastjson::Writer& json, const MasterStatus& master) {
  json.begin_object().member("address", master.address).member("connected", master.connected);
  json.member("protocol", name_of(master.protocol)).member("logMax", master.log_max.value);
  json.member("lagBytes", master.lag_bytes).member("lagMillis", master.lag_ms);
  json.member("lastError", master.last_error).member("heldBecause", master.held_because).end_object();
}

void write_metadata(fastjson::Writer& json, const MetadataStatus& metadata) {
  json.begin_object().member("lastTaken", metadata.last_taken_ms);
  json.member("lastError", metadata.last_error).end_object();
}

void write_divergence(fastjson::Writer& json, const Divergence& divergence) {
  json.begin_object().member("timestamp", divergence.timestamp_ms).member("begin", divergence.begin.value);
  json.member("length", divergence.length).member("savedAs", divergence.saved_as).end_object();
}

void write_replication(fastjson::Writer& json, const ReplicationStatus& status) {
  json.member("epoch", status.epoch).member("logMin", status.log_min.value).member("logMax", status.log_max.value);
  json.member("replication", status.mode).member("inSyncReplicasWanted", status.in_sync_replicas_wanted);
  json.member("inSyncReplicas", status.in_sync_replicas).member("confirmed", status.confirmed.value);
  json.member("readable", status.readable.value).member("consumersWaitBecause", status.readers_wait_because);
  json.key("replicas").begin_array();
  for (const ReplicaStatus& replica : status.replicas) write_replica(json, replica);
  json.end_array();
  if (status.master) write_master(json.key("master"), *status.master);
  if (status.last_divergence) write_divergence(json.key("lastDivergence"), *status.last_divergence);
}

}  // namespace

Result<std::string> StatusCommand::run(std::string_view) {
  if (parts_.role == nullptr) return Error(Errc::service_not_available, "replication has not started");
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::compact, .integer_keys = fastjson::IntegerKeys::quoted});
  json.begin_object().member("cluster", parts_.identity->cluster()).member("broker", parts_.identity->broker_name());
  json.member("brokerId", parts_.identity->broker_id()).member("isMaster", parts_.role->is_master());
  json.member("registeredMaster", parts_.role->master().broker);
  if (parts_.health) json.member("health", parts_.health());
  write_replication(json, parts_.replication->status());
  if (parts_.metadata != nullptr && !parts_.role->is_master()) {
    write_metadata(json.key("metadata"), parts_.metadata->status());
  }
  json.end_object();
  return out;
}

}  // namespace tenon::ha
