// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/dispatch.hpp"

#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"
#include "remoting/mq_version.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::ResponseCode;

void run(Handler handler, Request& request, const Logger& log) {
  try {
    handler(request);
  } catch (const Failure& failure) {
    request.fail(failure.error());
  } catch (const std::exception& fault) {
    log.error("request ", request.code(), " of ", request.remote_address(), " failed: ", fault.what());
    request.fail(ResponseCode::system_error, fault.what());
  } catch (...) {
    log.error("request ", request.code(), " of ", request.remote_address(), " failed: no std::exception was thrown");
    request.fail(ResponseCode::system_error, "internal error");
  }
}

}  // namespace

void dispatch(const remoting::Command& command, const std::shared_ptr<Connection>& connection, ServerState& server,
              const remoting::SendFields* send) {
  Request request(command, connection, server.services, send);
  if (server.draining.load(std::memory_order_relaxed) && command.version > remoting::mq_version::v5_3_1) {
    return request.fail(ResponseCode::go_away, "please go away");
  }
  const Handler handler = server.handlers.find(command.code);
  if (handler == nullptr) {
    return request.fail(ResponseCode::request_code_not_supported,
                        text(" request type ", command.code, " not supported"));
  }
  run(handler, request, server.log);
}

}  // namespace tenon::protocol_native
