// SPDX-License-Identifier: Apache-2.0
#include "client/admin_command.hpp"

#include "client/broker_call.hpp"
#include "fastjson/reader.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

Result<fastjson::Value> admin_command(ClientInstance& client, const std::string& address, std::string_view name,
                                      std::string_view arguments) {
  Request request(remoting::RequestCode::tenon_admin_command);
  request.field("command", name);
  request.body(std::string(arguments));
  const auto reply = call_broker(client, address, std::move(request), name);
  if (!reply && reply.error().is(Errc::not_supported)) {
    return Error(reply.error().code(),
                 text(reply.error().message(), " (name servers and brokers other than Tenon's do not know this)"));
  }
  if (!reply) return reply.error();
  return fastjson::parse(reply->body);
}

}  // namespace tenon::client
