// SPDX-License-Identifier: Apache-2.0
#include "client/reply_error.hpp"

#include "remoting/response_code.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::ResponseCode;

/// The reverse of what servers do with an Errc.
Errc errc_of(std::int32_t code) {
  switch (static_cast<ResponseCode>(code)) {
    case ResponseCode::system_busy:
      return Errc::busy;
    case ResponseCode::request_code_not_supported:
      return Errc::not_supported;
    case ResponseCode::message_illegal:
      return Errc::message_illegal;
    case ResponseCode::service_not_available:
      return Errc::service_not_available;
    case ResponseCode::no_permission:
      return Errc::no_permission;
    case ResponseCode::topic_not_exist:
      return Errc::topic_not_exist;
    case ResponseCode::query_not_found:
      return Errc::query_not_found;
    case ResponseCode::subscription_parse_failed:
      return Errc::subscription_parse_failed;
    case ResponseCode::subscription_not_exist:
      return Errc::subscription_not_exist;
    case ResponseCode::subscription_not_latest:
      return Errc::subscription_not_latest;
    case ResponseCode::subscription_group_not_exist:
      return Errc::subscription_group_not_exist;
    case ResponseCode::invalid_parameter:
      return Errc::invalid_parameter;
    case ResponseCode::consumer_not_online:
      return Errc::consumer_not_online;
    case ResponseCode::illegal_operation:
      return Errc::illegal_operation;
    default:
      return Errc::internal;
  }
}

}  // namespace

Error error_of(const Reply& reply, std::string_view doing) {
  const std::string_view name = remoting::response_code_name(reply.code);
  return Error(errc_of(reply.code), text(doing, ": refused with code ", reply.code, name.empty() ? "" : " ", name,
                                         reply.remark.empty() ? "" : ", ", reply.remark));
}

}  // namespace tenon::client
