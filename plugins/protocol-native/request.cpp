// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/request.hpp"

#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "remoting/field_reader.hpp"
#include "remoting/language.hpp"

namespace tenon::protocol_native {
namespace {

[[noreturn]] void refuse_field(const Request& request, std::string_view field, std::string_view what) {
  throw Failure(Error(Errc::invalid_parameter, text("request ", request.code(), ": field '", field, "' ", what)));
}

template <class Number>
Number number_of(const Request& request, std::string_view field, std::string_view value,
                 std::optional<Number> (*parse)(std::string_view) noexcept) {
  const auto number = parse(value);
  if (!number) refuse_field(request, field, text("is no number of its size: '", value, "'"));
  return *number;
}

}  // namespace

std::string_view Request::language() const noexcept { return remoting::language_name(command_.language); }

std::int64_t Request::int64_or(std::string_view field, std::int64_t otherwise) const {
  const auto value = text(field);
  return value.empty() ? otherwise : number_of(*this, field, value, remoting::parse_i64);
}

std::int32_t Request::int32_or(std::string_view field, std::int32_t otherwise) const {
  const auto value = text(field);
  return value.empty() ? otherwise : number_of(*this, field, value, remoting::parse_i32);
}

bool Request::boolean_or(std::string_view field, bool otherwise) const {
  const auto value = text(field);
  return value.empty() ? otherwise : remoting::parse_boolean(value);
}

std::string_view Request::require_text(std::string_view field) const {
  const auto value = text(field);
  if (value.empty()) refuse_field(*this, field, "is missing");
  return value;
}

std::int64_t Request::require_int64(std::string_view field) const {
  return number_of(*this, field, require_text(field), remoting::parse_i64);
}

std::int32_t Request::require_int32(std::string_view field) const {
  return number_of(*this, field, require_text(field), remoting::parse_i32);
}

std::shared_ptr<ClientChannel> Request::channel() const { return connection_; }
const HostAddress& Request::remote_address() const noexcept { return connection_->remote_address(); }

void Request::answer(const Answer& answer) {
  if (!is_oneway()) connection_->write_answer(opaque(), answer);
}

void Request::succeed(Fields fields) {
  Answer success;
  success.fields = std::move(fields);
  answer(success);
}

void Request::succeed_with_body(std::string body, Fields fields) {
  Answer success;
  success.body = std::move(body);
  success.fields = std::move(fields);
  answer(success);
}

void Request::fail(remoting::ResponseCode code, std::string remark) { answer(Answer(code, std::move(remark))); }
void Request::fail(const Error& error) { fail(response_code_of(error.code()), error.message()); }

DeferredAnswer Request::defer() { return {connection_, opaque(), is_oneway()}; }

}  // namespace tenon::protocol_native
