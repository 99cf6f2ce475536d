// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/errors.hpp"

namespace tenon::protocol_native {
namespace {

std::int32_t response_code_of(Errc code) noexcept {
  switch (code) {
    case Errc::busy: return 2;
    case Errc::not_supported: return 3;
    case Errc::flush_disk_timeout: return 10;
    case Errc::slave_not_available: return 11;
    case Errc::flush_slave_timeout: return 12;
    case Errc::message_illegal: return 13;
    case Errc::service_not_available:
    case Errc::shutting_down: return 14;
    case Errc::no_permission: return 16;
    case Errc::topic_not_exist: return 17;
    case Errc::query_not_found: return 22;
    case Errc::subscription_parse_failed: return 23;
    case Errc::subscription_not_exist: return 24;
    case Errc::subscription_not_latest: return 25;
    case Errc::subscription_group_not_exist: return 26;
    case Errc::filter_data_not_exist: return 27;
    case Errc::filter_data_not_latest: return 28;
    case Errc::invalid_parameter: return 29;
    case Errc::consumer_not_online: return 206;
    case Errc::timed_out: return 207;
    case Errc::internal:
    case Errc::disconnected:
    case Errc::corrupt:
    case Errc::io: return 1;
  }
  return 1;
}

}  // namespace

std::int32_t response_code_of(const std::error_code& code) noexcept {
  if (!code) return 0;
  if (code.category() != tenon_category()) return 1;
  return response_code_of(static_cast<Errc>(code.value()));
}

}  // namespace tenon::protocol_native
