// SPDX-License-Identifier: Apache-2.0
// SEND_MESSAGE in its three forms. Whether a body is a batch is said by a field, not by the code (the C++ client).
#include <algorithm>
#include <vector>

#include "protocol-native/client/families.hpp"
#include "protocol-native/client/send_request.hpp"
#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"
#include "protocol-native/send_answer.hpp"
#include "remoting/batch_body.hpp"

namespace tenon::protocol_native {
namespace {

void refuse_send(Request& request, const Error& error) {
  if (request.is_oneway()) return;
  write_send_error(request.connection()->output().bytes(), request.opaque(), error, request.services().traces);
}

/// Splits the body into memory that the thread uses again for every batch.
Result<std::span<const BatchEntry>> entries_of(std::span<const std::byte> body) {
  thread_local std::vector<remoting::BatchMessage> messages;
  thread_local std::vector<BatchEntry> entries;
  if (const auto split = remoting::split_batch_body(body, messages); !split) return split.error();
  entries.resize(messages.size());
  std::ranges::transform(messages, entries.begin(), [](const remoting::BatchMessage& message) {
    return BatchEntry{message.flag, message.properties, message.body};
  });
  return std::span<const BatchEntry>(entries);
}

void publish(Request& request, const PublishRequest& publish_request, bool batch) {
  Publishing& publishing = *request.services().publishing;
  Connection& connection = *request.connection();
  if (!connection.takes_sends()) [[unlikely]] {
    connection.loop().server().count_refusal("refused.send-of-connection");
    return refuse_send(request, Error(Errc::busy, "too many sends of this connection are waiting"));
  }
  std::span<const BatchEntry> entries;
  if (batch) {
    const auto split = entries_of(request.body());
    if (!split) return refuse_send(request, split.error());
    entries = *split;
  }
  SendsInFlight& sends = connection.sends();
  const auto token = sends.begin({request.opaque(), request.is_oneway(), batch, publish_request.message.properties});
  if (batch) {
    publishing.publish_batch(publish_request, entries, connection.as_publish_completion(), token);
  } else {
    publishing.publish(publish_request, connection.as_publish_completion(), token);
  }
  sends.keep(token);
}

void send_message(Request& request) {
  if (const remoting::SendFields* fields = request.send_fields()) {
    return publish(request, publish_request_of(request, *fields), fields->batch);
  }
  const auto fields = remoting::decode_send_fields(request.command());
  if (!fields) return refuse_send(request, fields.error());
  publish(request, publish_request_of(request, *fields), fields->batch);
}

}  // namespace

void register_send_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.publishing == nullptr) return;
  table.add(remoting::RequestCode::send_message, send_message);
  table.add(remoting::RequestCode::send_message_v2, send_message);
  table.add(remoting::RequestCode::send_batch_message, send_message);
}

}  // namespace tenon::protocol_native
