// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remoting/command.hpp"
#include "remoting/output_buffer.hpp"
#include "remoting/request_code.hpp"

namespace tenon::client {

/// A remoting request to be sent: code, extension fields, body. Owns everything.
class Request {
 public:
  explicit Request(remoting::RequestCode code) : code_(code) {}

  Request& field(std::string_view name, std::string_view value) &;
  Request& field(std::string_view name, const char* value) & { return field(name, std::string_view(value)); }
  Request& field(std::string_view name, bool value) & { return field(name, value ? "true" : "false"); }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Request& field(std::string_view name, Number value) & {
    return field(name, std::string_view(std::to_string(value)));
  }
  Request& body(std::string bytes) &;

  remoting::RequestCode code() const noexcept { return code_; }
  std::size_t body_bytes() const noexcept { return body_.size(); }
  /// Appends the frame. JSON header, as all RocketMQ clients write by default.
  void write(remoting::OutputBuffer& out, std::int32_t opaque, bool oneway) const;

 private:
  remoting::RequestCode code_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string body_;
};

/// An answer, or a request that the server pushed. Owns everything.
struct Reply {
  Reply() = default;
  explicit Reply(const remoting::Command& command);

  std::int32_t code = 0;  ///< ResponseCode, or RequestCode of a push.
  std::int32_t version = 0;
  std::string remark;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  bool ok() const noexcept { return code == 0; }
  std::optional<std::string_view> field(std::string_view name) const noexcept;
  /// `fallback` when the field is absent or no number.
  std::int64_t number(std::string_view name, std::int64_t fallback) const noexcept;
  std::span<const std::byte> body_bytes() const noexcept { return std::as_bytes(std::span(body)); }
};

}  // namespace tenon::client
