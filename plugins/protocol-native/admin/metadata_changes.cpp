// SPDX-License-Identifier: Apache-2.0
// TENON_METADATA_CHANGES, a request of Tenon's own: a slave asks often for what has changed, where RocketMQ's requests
// (21, 43, 45, 60, 201) hand out whole tables. docs/formats/replication.md, "Besides the log".
#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "broker_json/data_version.hpp"
#include "broker_json/level_progress.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/offset_tables.hpp"

namespace tenon::protocol_native {
namespace {

/// Names may be whatever a client sends, so JSON may write six bytes for one; the longest frame takes 16 MiB.
constexpr std::size_t kOffsetBytesMax = 1 << 20;

/// The longest that a slave can ask to be held.
constexpr std::int64_t kHoldMsMax = 1'000;

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

/// `holds`: the slave is one that a change waits for.
Answer changes_since(const BrokerServices& services, std::int64_t origin, std::int64_t position, bool holds) {
  const OffsetChanges changes = services.offset_changes->changes_since(origin, position, kOffsetBytesMax);
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().member("origin", changes.origin).member("position", changes.position);
  json.member("complete", changes.complete);
  if (holds) json.member("holds", true);
  write_version(json, "topics", services.topics->version());
  write_version(json, "groups", services.groups->version());
  if (services.scheduler != nullptr) write_deliveries(json, *services.scheduler);
  write_offset_tables(json, changes.offsets);
  json.end_object();
  return answer_with_body(std::move(body));
}

/// What a slave says with its request.
struct SlaveSays {
  explicit SlaveSays(const Request& request)
      : origin(request.require_int64("origin")),
        position(request.require_int64("position")),
        broker_id(request.int64_or("brokerId", -1)),
        has{request.int64_or("topics", TableCounters::kNone), request.int64_or("groups", TableCounters::kNone)},
        hold_ms(std::clamp<std::int64_t>(request.int64_or("hold", 0), 0, kHoldMsMax)) {}

  std::int64_t origin, position, broker_id;
  TableCounters has;
  std::int64_t hold_ms;
};

/// What can have been taken of this process; a number from the future is none.
TableCounters credible(const SlaveSays& slave, const BrokerServices& services) {
  if (slave.origin != services.offset_changes->origin()) return {};
  const auto told = [](std::int64_t said, const DataVersion& version) {
    return said < 0 || said > version.counter ? TableCounters::kNone : said;
  };
  return {told(slave.has.topics, services.topics->version()), told(slave.has.groups, services.groups->version())};
}

void answer_changes(const Asker& asker, const SlaveSays& slave, bool holds) {
  answer_from_disk(asker, [origin = slave.origin, position = slave.position, holds](const BrokerServices& services) {
    return changes_since(services, origin, position, holds);
  });
}

/// A slave that is answered when somebody waits for it to take more, at the latest when the timer ends. There is one at
/// a time for each slave that follows (TableGate::heard).
void hold(const Asker& asker, const SlaveSays& slave, TableGate& gate) {
  auto timer = std::make_shared<boost::asio::steady_timer>(asker.connection->executor());
  timer->expires_after(std::chrono::milliseconds(slave.hold_ms));
  // Before the gate is asked, which may call back at once; on this thread, so that nothing ends before that.
  const auto follows = std::make_shared<bool>(true);
  timer->async_wait([asker, timer, slave, follows](const boost::system::error_code&) {
    asker.connection->on_own_thread([=] { answer_changes(asker, slave, *follows); });
  });
  const auto end = [timer] { boost::asio::post(timer->get_executor(), [timer] { timer->cancel(); }); };
  *follows = gate.heard(slave.broker_id, credible(slave, asker.services), end);
  if (!*follows) timer->cancel();
}

void metadata_changes(Request& request) {
  const SlaveSays slave(request);
  const Asker asker(request);
  TableGate* const gate = request.services().table_gate;
  if (gate == nullptr || slave.broker_id < 0) return answer_changes(asker, slave, false);
  hold(asker, slave, *gate);
}

}  // namespace

void add_metadata_changes_handlers(HandlerTable& table) {
  table.add(remoting::RequestCode::tenon_metadata_changes, metadata_changes);
}

}  // namespace tenon::protocol_native
