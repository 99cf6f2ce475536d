// SPDX-License-Identifier: Apache-2.0
// TENON_METADATA_CHANGES, a request of Tenon's own: a slave asks often for what has changed, where RocketMQ's requests
// (21, 43, 45, 60, 201) hand out whole tables. docs/formats/replication.md, "Besides the log".
#include "broker_json/data_version.hpp"
#include "broker_json/level_progress.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/offset_tables.hpp"

namespace tenon::protocol_native {
namespace {

/// Names may be whatever a client sends, so JSON may write six bytes for one; the longest frame takes 16 MiB.
constexpr std::size_t kOffsetBytesMax = 1 << 20;

void write_version(fastjson::Writer& json, std::string_view table, const DataVersion& version) {
  json.key(table).begin_object().key("dataVersion");
  broker_json::write_data_version(json, version);
  json.end_object();
}

void write_deliveries(fastjson::Writer& json, const DeliveryScheduler& scheduler) {
  json.key("delayOffsets");
  broker_json::write_level_progress(json, scheduler.level_progress());
  const TimerProgress timer = scheduler.timer_progress();
  json.key("timer").begin_object().member("lastReadTime", timer.last_read_time_ms);
  json.member("lastQueueOffset", timer.last_queue_offset).key("dataVersion");
  broker_json::write_data_version(json, timer.version);
  json.end_object();
}

Answer changes_since(const BrokerServices& services, std::int64_t origin, std::int64_t position) {
  const OffsetChanges changes = services.offset_changes->changes_since(origin, position, kOffsetBytesMax);
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().member("origin", changes.origin).member("position", changes.position);
  json.member("complete", changes.complete);
  write_version(json, "topics", services.topics->version());
  write_version(json, "groups", services.groups->version());
  // After the version: what is deleted by then lies below.
  json.member("logEnd", services.store->status().max_physical_offset.value);
  if (services.scheduler != nullptr) write_deliveries(json, *services.scheduler);
  write_offset_tables(json, changes.offsets);
  json.end_object();
  return answer_with_body(std::move(body));
}

void metadata_changes(Request& request) {
  const std::int64_t origin = request.require_int64("origin"), position = request.require_int64("position");
  answer_from_disk(request, [=](const BrokerServices& services) { return changes_since(services, origin, position); });
}

}  // namespace

void add_metadata_changes_handlers(HandlerTable& table) {
  table.add(remoting::RequestCode::tenon_metadata_changes, metadata_changes);
}

}  // namespace tenon::protocol_native
