// SPDX-License-Identifier: Apache-2.0
#include "client/broker_call.hpp"

#include "client/reply_error.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

Result<Reply> call_broker(ClientInstance& client, const std::string& address, Request request, std::string_view doing) {
  auto reply = client.remoting().call(address, std::move(request), client.options().timeout);
  const auto what = [&] { return text(doing, " at ", address); };
  if (!reply) return Error(reply.error().code(), text(what(), ": ", reply.error().message()));
  if (!reply->ok()) return error_of(*reply, what());
  return reply;
}

}  // namespace tenon::client
