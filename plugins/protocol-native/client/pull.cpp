// SPDX-License-Identifier: Apache-2.0
// PULL_MESSAGE and LITE_PULL_MESSAGE: one format, one handler.
#include <algorithm>

#include "protocol-native/client/families.hpp"
#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"
#include "remoting/pull_fields.hpp"

namespace tenon::protocol_native {
namespace {

namespace bit = remoting::pull_sys_flag;

constexpr std::int64_t kSuspendMaxMs = 10 * 60 * 1000;

PullRequest pull_request_of(const remoting::PullFields& fields) {
  PullRequest pull;
  pull.group = fields.consumer_group;
  pull.topic = fields.topic;
  pull.queue_id = fields.queue_id;
  pull.offset = {fields.queue_offset};
  pull.max_messages = fields.max_msg_nums;
  if (fields.has(bit::commit_offset)) pull.commit_offset = QueueOffset{fields.commit_offset};
  if (fields.has(bit::suspend)) {
    pull.suspend_timeout =
        std::chrono::milliseconds(std::clamp<std::int64_t>(fields.suspend_timeout_ms, 0, kSuspendMaxMs));
  }
  pull.has_subscription = fields.has(bit::subscription);
  pull.expression = fields.subscription;
  pull.expression_type = fields.expression_type;
  pull.subscription_version = fields.sub_version;
  return pull;
}

void pull_message(Request& request) {
  const auto fields = remoting::decode_pull_fields(request.command());
  if (!fields) return request.fail(fields.error());
  Connection& connection = *request.connection();
  if (!connection.begin_pull()) {
    if (auto* statistics = request.services().statistics) statistics->count_incident("refused.pull-of-connection");
    return request.fail(remoting::ResponseCode::system_busy, "too many pulls of this connection are waiting");
  }
  request.services().pulling->pull(pull_request_of(*fields), connection.as_pull_completion(),
                                   Connection::pull_token(request.opaque(), request.is_oneway()));
}

}  // namespace

void register_pull_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.pulling == nullptr) return;
  table.add(remoting::RequestCode::pull_message, pull_message);
  table.add(remoting::RequestCode::lite_pull_message, pull_message);
}

}  // namespace tenon::protocol_native
