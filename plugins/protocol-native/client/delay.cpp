// SPDX-License-Identifier: Apache-2.0
// RECALL_MESSAGE, and what slaves and tools ask about delayed messages. The delay plug-in does the work.
#include "broker_json/data_version.hpp"
#include "broker_json/level_progress.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

void refuse_without_delay(Request& request) {
  request.fail(ResponseCode::request_code_not_supported, "no delay plug-in is loaded");
}

void recall_message(Request& request) {
  const auto topic = request.require_text("topic");
  const auto cancelled = request.services().scheduler->cancel(request.require_text("recallHandle"), topic);
  if (!cancelled) return request.fail(cancelled.error());
  request.succeed({{"msgId", *cancelled}, {"MSG_REGION", request.services().traces.region}});
}

/// The content of delayOffset.json.
void all_delay_offsets(Request& request) {
  std::string body;
  fastjson::Writer json(body, {.layout = fastjson::Layout::pretty});
  broker_json::write_level_progress(json, request.services().scheduler->level_progress());
  request.succeed_with_body(std::move(body));
}

/// The 56 bytes of the check file: seven numbers, the highest byte first.
void timer_check_point(Request& request) {
  const TimerProgress progress = request.services().scheduler->timer_progress();
  std::string body;
  for (const std::int64_t number :
       {progress.last_read_time_ms, progress.last_log_flush_position, progress.last_queue_offset,
        progress.master_queue_offset, progress.version.state_version, progress.version.timestamp_ms,
        progress.version.counter}) {
    for (int shift = 56; shift >= 0; shift -= 8) body.push_back(static_cast<char>(number >> shift));
  }
  request.succeed_with_body(std::move(body));
}

/// The content of timermetrics.
void timer_metrics(Request& request) {
  const BrokerServices& services = request.services();
  std::string body;
  fastjson::Writer json(body, {.integer_keys = fastjson::IntegerKeys::quoted});
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, services.scheduler->timer_progress().version);
  json.key("timingCount").begin_object();
  for (const PendingDeliveries& pending : services.scheduler->pending()) {
    json.key(pending.topic).begin_object().member("count", pending.count);
    json.member("timeStamp", services.host->now_ms()).end_object();
  }
  json.end_object().end_object();
  request.succeed_with_body(std::move(body));
}

}  // namespace

void register_delay_handlers(HandlerTable& table, const BrokerServices& services) {
  const bool loaded = services.scheduler != nullptr;
  table.add(RequestCode::recall_message, loaded ? recall_message : refuse_without_delay);
  table.add(RequestCode::get_all_delay_offset, loaded ? all_delay_offsets : refuse_without_delay);
  table.add(RequestCode::get_timer_check_point, loaded ? timer_check_point : refuse_without_delay);
  table.add(RequestCode::get_timer_metrics, loaded ? timer_metrics : refuse_without_delay);
}

}  // namespace tenon::protocol_native
