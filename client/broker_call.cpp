// SPDX-License-Identifier: Apache-2.0
#include "client/broker_call.hpp"

#include "client/reply_error.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr Milliseconds kForSlaves{2'000};

Result<Reply> call(ClientInstance& client, const std::string& address, Request request, std::string_view doing,
                   Milliseconds timeout) {
  auto reply = client.remoting().call(address, std::move(request), timeout);
  const auto what = [&] { return text(doing, " at ", address); };
  if (!reply) return Error(reply.error().code(), text(what(), ": ", reply.error().message()));
  if (!reply->ok()) return error_of(*reply, what());
  return reply;
}

}  // namespace

Result<Reply> call_broker(ClientInstance& client, const std::string& address, Request request, std::string_view doing) {
  return call(client, address, std::move(request), doing, client.options().timeout);
}

Result<Reply> change_at_broker(ClientInstance& client, const std::string& address, Request request,
                               std::string_view doing) {
  return call(client, address, std::move(request), doing, client.options().timeout + kForSlaves);
}

}  // namespace tenon::client
