// SPDX-License-Identifier: Apache-2.0
#include "client/request.hpp"

#include <charconv>

#include "remoting/command_writer.hpp"
#include "remoting/field_reader.hpp"

namespace tenon::client {

Request& Request::field(std::string_view name, std::string_view value) & {
  fields_.emplace_back(name, value);
  return *this;
}

Request& Request::body(std::string bytes) & {
  body_ = std::move(bytes);
  return *this;
}

void Request::write(remoting::OutputBuffer& out, std::int32_t opaque, bool oneway) const {
  remoting::HeaderStart start = remoting::request_start(remoting::HeaderType::json, code_, opaque, oneway);
  start.language = remoting::Language::cpp;
  remoting::CommandWriter writer(out, start);
  for (const auto& [name, value] : fields_) writer.field(name, value);
  writer.finish(std::string_view(body_));
}

Reply::Reply(const remoting::Command& command)
    : code(command.code),
      version(command.version),
      remark(command.remark.value_or(std::string_view{})),
      body(reinterpret_cast<const char*>(command.body.data()), command.body.size()) {
  fields.reserve(command.fields.size());
  for (const auto& field : command.fields) fields.emplace_back(field.name, field.value);
}

std::optional<std::string_view> Reply::field(std::string_view name) const noexcept {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::int64_t Reply::number(std::string_view name, std::int64_t fallback) const noexcept {
  const auto text = field(name);
  return text ? remoting::parse_i64(*text).value_or(fallback) : fallback;
}

}  // namespace tenon::client
