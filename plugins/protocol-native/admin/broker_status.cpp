// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/admin/runtime_info.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/bodies/statistics_bodies.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

void broker_runtime_info(Request& request) {
  answer_from_disk(request, [](const BrokerServices& services) {
    return answer_with_body(key_value_table_body(runtime_info(services)));
  });
}

void view_stats_data(Request& request) {
  const std::string_view name = request.require_text("statsName");
  const std::string_view key = request.require_text("statsKey");
  const auto found = request.services().statistics->find(name, key);
  if (found) return request.succeed_with_body(broker_stats_data_body(*found));
  request.fail(ResponseCode::system_error, text("The stats <", name, "> <", key, "> not exist"));
}

/// 306, 316, 329. Saying "done" would be a lie: files go by the store's own retention, topics by 215.
void clean_up(Request& request) {
  request.fail(Error(Errc::not_supported, "this broker cleans up by its own retention only, not on demand"));
}

}  // namespace

void add_broker_status_handlers(HandlerTable& table) {
  table.add(RequestCode::get_broker_runtime_info, broker_runtime_info);
  table.add(RequestCode::clean_expired_consumequeue, clean_up);
  table.add(RequestCode::view_broker_stats_data, view_stats_data);
  table.add(RequestCode::clean_unused_topic, clean_up);
  table.add(RequestCode::delete_expired_commitlog, clean_up);
}

}  // namespace tenon::protocol_native
