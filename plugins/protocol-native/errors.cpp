// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/errors.hpp"

namespace tenon::protocol_native {
using remoting::ResponseCode;

namespace {

ResponseCode response_code_of(Errc code) noexcept {
  switch (code) {
    case Errc::busy:
      return ResponseCode::system_busy;
    case Errc::not_supported:
      return ResponseCode::request_code_not_supported;
    case Errc::flush_disk_timeout:
      return ResponseCode::flush_disk_timeout;
    case Errc::slave_not_available:
      return ResponseCode::slave_not_available;
    case Errc::flush_slave_timeout:
      return ResponseCode::flush_slave_timeout;
    case Errc::message_illegal:
      return ResponseCode::message_illegal;
    case Errc::service_not_available:
    case Errc::shutting_down:
      return ResponseCode::service_not_available;
    case Errc::no_permission:
      return ResponseCode::no_permission;
    case Errc::topic_not_exist:
      return ResponseCode::topic_not_exist;
    case Errc::query_not_found:
      return ResponseCode::query_not_found;
    case Errc::subscription_parse_failed:
      return ResponseCode::subscription_parse_failed;
    case Errc::subscription_not_exist:
      return ResponseCode::subscription_not_exist;
    case Errc::subscription_not_latest:
      return ResponseCode::subscription_not_latest;
    case Errc::subscription_group_not_exist:
      return ResponseCode::subscription_group_not_exist;
    case Errc::filter_data_not_exist:
      return ResponseCode::filter_data_not_exist;
    case Errc::filter_data_not_latest:
      return ResponseCode::filter_data_not_latest;
    case Errc::invalid_parameter:
      return ResponseCode::invalid_parameter;
    case Errc::consumer_not_online:
      return ResponseCode::consumer_not_online;
    case Errc::illegal_operation:
      return ResponseCode::illegal_operation;
    case Errc::timed_out:
      return ResponseCode::consume_msg_timeout;
    case Errc::internal:
    case Errc::disconnected:
    case Errc::corrupt:
    case Errc::io:
      return ResponseCode::system_error;
  }
  return ResponseCode::system_error;
}

}  // namespace

ResponseCode response_code_of(const std::error_code& code) noexcept {
  if (!code) return ResponseCode::success;
  if (code.category() != tenon_category()) return ResponseCode::system_error;
  return response_code_of(static_cast<Errc>(code.value()));
}

}  // namespace tenon::protocol_native
