// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "remoting/command.hpp"
#include "remoting/frame.hpp"
#include "remoting/language.hpp"
#include "remoting/mq_version.hpp"
#include "remoting/output_buffer.hpp"
#include "remoting/request_code.hpp"
#include "remoting/response_code.hpp"

namespace tenon::remoting {

/// All of a header but its fields.
struct HeaderStart {
  HeaderType type = HeaderType::json;
  std::int32_t code = 0;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> remark = std::nullopt;  ///< Must live until finish().
  Language language = Language::java;                     ///< "A server should answer JAVA."
  std::int32_t version = mq_version::ours;
};

HeaderStart response_start(HeaderType type, ResponseCode code, std::int32_t opaque,
                           std::optional<std::string_view> remark = std::nullopt);
HeaderStart request_start(HeaderType type, RequestCode code, std::int32_t opaque, bool oneway = false);

/// Writes one frame at the end of a buffer: header fields as they come, then the lengths.
///
///     CommandWriter writer(out, response_start(request.type, ResponseCode::success, request.opaque));
///     writer.field("queueId", 3).field("queueOffset", offset);
///     writer.finish(body);
///
/// JSON members and the escapes are exactly those of the Java servers: compact, alphabetical, absent when null,
/// extFields values always strings. A code that does not fit the 16 bits of a binary header turns the header to JSON.
/// A frame that would be longer than kMaxFrameBytes is replaced by one that says so in its remark, without fields and
/// body; a response then has code SYSTEM_ERROR.
/// Ownership: borrows `out` and the remark until finish(). Threads: one at a time.
class CommandWriter {
 public:
  CommandWriter(OutputBuffer& out, const HeaderStart& start);
  CommandWriter(const CommandWriter&) = delete;
  CommandWriter& operator=(const CommandWriter&) = delete;

  /// Makes `"extFields":{}` appear even if no field follows. Clients do not care; the Java servers do it for commands
  /// with a header class.
  CommandWriter& fields();
  CommandWriter& field(std::string_view name, std::string_view value);
  CommandWriter& field(std::string_view name, const char* value) { return field(name, std::string_view(value)); }
  CommandWriter& field(std::string_view name, bool value) {
    return field(name, std::string_view(value ? "true" : "false"));
  }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) CommandWriter& field(std::string_view name, Number value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return field(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  /// Nothing is written for an empty optional: RocketMQ leaves null fields out.
  template <class Value>
  CommandWriter& field(std::string_view name, const std::optional<Value>& value) {
    return value ? field(name, *value) : *this;
  }
  CommandWriter& fields(const Fields& all);

  /// Closes the header; the caller sends `body_bytes` bytes after it, from wherever they are. Call it once.
  /// False: the frame was too long and has been replaced, do not send the body.
  bool finish(std::size_t body_bytes = 0);
  /// Closes the header and copies the body behind it. False: the frame was too long and has been replaced.
  bool finish(std::span<const std::byte> body);
  bool finish(std::string_view body) { return finish(std::as_bytes(std::span(body.data(), body.size()))); }

 private:
  void write_start();
  void open_fields();
  void close_json();
  void replace_oversized(std::size_t header_bytes);

  OutputBuffer& out_;
  HeaderStart start_;
  std::size_t frame_begin_;
  std::size_t fields_size_position_ = 0;  ///< Of a binary header: where the length of its fields stands.
  bool fields_open_ = false;
  bool any_field_ = false;
};

/// A response without fields and body: what most errors are.
void write_response(OutputBuffer& out, HeaderType type, ResponseCode code, std::int32_t opaque,
                    std::optional<std::string_view> remark = std::nullopt);

}  // namespace tenon::remoting
