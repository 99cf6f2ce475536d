// SPDX-License-Identifier: Apache-2.0
#include "client/broker_call.hpp"

#include "client/reply_error.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

/// A change may wait for slaves, for 3 s by default (slave_timeout): what the broker says then is better than nothing.
/// Together 5 s, as mqadmin waits.
constexpr Milliseconds kForSlaves{2'000};

}  // namespace

Result<Reply> call_broker(ClientInstance& client, const std::string& address, Request request, std::string_view doing) {
  auto reply = client.remoting().call(address, std::move(request), client.options().timeout + kForSlaves);
  const auto what = [&] { return text(doing, " at ", address); };
  if (!reply) return Error(reply.error().code(), text(what(), ": ", reply.error().message()));
  if (!reply->ok()) return error_of(*reply, what());
  return reply;
}

}  // namespace tenon::client
