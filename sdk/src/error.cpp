// SPDX-License-Identifier: Apache-2.0
#include "tenon/error.hpp"

namespace tenon {
namespace {

const char* describe(Errc code) {
  switch (code) {
    case Errc::internal:
      return "internal error";
    case Errc::busy:
      return "busy";
    case Errc::not_supported:
      return "not supported";
    case Errc::flush_disk_timeout:
      return "flush to disk timed out";
    case Errc::slave_not_available:
      return "no slave available";
    case Errc::flush_slave_timeout:
      return "replication timed out";
    case Errc::message_illegal:
      return "illegal message";
    case Errc::service_not_available:
      return "service not available";
    case Errc::no_permission:
      return "no permission";
    case Errc::topic_not_exist:
      return "topic does not exist";
    case Errc::query_not_found:
      return "not found";
    case Errc::subscription_parse_failed:
      return "subscription expression does not compile";
    case Errc::subscription_not_exist:
      return "subscription does not exist";
    case Errc::subscription_not_latest:
      return "subscription is not the latest";
    case Errc::subscription_group_not_exist:
      return "subscription group does not exist";
    case Errc::filter_data_not_exist:
      return "filter data does not exist";
    case Errc::filter_data_not_latest:
      return "filter data is not the latest";
    case Errc::invalid_parameter:
      return "invalid parameter";
    case Errc::consumer_not_online:
      return "consumer not online";
    case Errc::illegal_operation:
      return "illegal operation";
    case Errc::timed_out:
      return "timed out";
    case Errc::disconnected:
      return "disconnected";
    case Errc::shutting_down:
      return "shutting down";
    case Errc::corrupt:
      return "stored data is damaged";
    case Errc::io:
      return "input/output error";
  }
  return "unknown error";
}

class TenonCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "tenon"; }
  std::string message(int code) const override { return describe(static_cast<Errc>(code)); }
};

}  // namespace

const std::error_category& tenon_category() noexcept {
  static const TenonCategory category;
  return category;
}

Failure::Failure(Error error) : std::runtime_error(error.message()), error_(std::move(error)) {}
Failure::~Failure() = default;

void throw_exception_from_error(const Error& error, const boost::source_location&) { throw Failure(error); }

}  // namespace tenon
