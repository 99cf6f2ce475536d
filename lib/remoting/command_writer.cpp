// SPDX-License-Identifier: Apache-2.0
#include "remoting/command_writer.hpp"

#include <limits>
#include <string>

#include "json_text/json_text.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// Lengths of names are written in two bytes that Java reads as signed.
constexpr std::size_t kMaxBinaryName = 0x7FFF;

bool fits_16_bits(std::int32_t number) {
  return number >= std::numeric_limits<std::int16_t>::min() && number <= std::numeric_limits<std::int16_t>::max();
}

/// Appends a JSON string in quotes, in pieces, so that the room kept for escapes stays small.
void append_quoted(OutputBuffer& out, std::string_view text) {
  constexpr std::size_t kPiece = 2048;
  out.append('"');
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kPiece);
    text.remove_prefix(piece.size());
    char* const room = out.room(piece.size() * json_text::kMaxEscaped + json_text::kSlack);
    out.advance(static_cast<std::size_t>(json_text::write_escaped(room, piece) - room));
  }
  out.append('"');
}

void append_number(OutputBuffer& out, std::int32_t number) {
  char* const room = out.room(16);
  out.advance(static_cast<std::size_t>(std::to_chars(room, room + 16, number).ptr - room));
}

}  // namespace

HeaderStart response_start(HeaderType type, ResponseCode code, std::int32_t opaque,
                           std::optional<std::string_view> remark) {
  HeaderStart start;
  start.type = type;
  start.code = static_cast<std::int32_t>(code);
  start.opaque = opaque;
  start.flag = kResponseFlag;
  start.remark = remark;
  return start;
}

HeaderStart request_start(HeaderType type, RequestCode code, std::int32_t opaque, bool oneway) {
  HeaderStart start;
  start.type = type;
  start.code = static_cast<std::int32_t>(code);
  start.opaque = opaque;
  start.flag = oneway ? kOnewayFlag : 0;
  return start;
}

CommandWriter::CommandWriter(OutputBuffer& out, const HeaderStart& start)
    : out_(out), start_(start), frame_begin_(out.size()) {
  if (!fits_16_bits(start_.code)) start_.type = HeaderType::json;
  write_start();
}

void CommandWriter::write_start() {
  out_.append_be64(0);  // Both lengths are known at the end.
  if (start_.type == HeaderType::json) {
    out_.append("{\"code\":");
    append_number(out_, start_.code);
    return;
  }
  const std::string_view remark = start_.remark.value_or(std::string_view());
  out_.append_be16(static_cast<std::uint16_t>(start_.code));
  out_.append(static_cast<char>(start_.language));
  out_.append_be16(static_cast<std::uint16_t>(start_.version));
  out_.append_be32(static_cast<std::uint32_t>(start_.opaque));
  out_.append_be32(static_cast<std::uint32_t>(start_.flag));
  out_.append_be32(static_cast<std::uint32_t>(remark.size()));
  out_.append(remark);
  fields_size_position_ = out_.size();
  out_.append_be32(0);
}

CommandWriter& CommandWriter::fields() {
  if (!fields_open_ && start_.type == HeaderType::json) out_.append(",\"extFields\":{");
  fields_open_ = true;
  return *this;
}

CommandWriter& CommandWriter::field(std::string_view name, std::string_view value) {
  fields();
  if (start_.type == HeaderType::binary) {
    if (name.size() > kMaxBinaryName) return *this;
    out_.append_be16(static_cast<std::uint16_t>(name.size()));
    out_.append(name);
    out_.append_be32(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
    return *this;
  }
  if (any_field_) out_.append(',');
  any_field_ = true;
  append_quoted(out_, name);
  out_.append(':');
  append_quoted(out_, value);
  return *this;
}

CommandWriter& CommandWriter::fields(const Fields& all) {
  fields();
  for (const Field& one : all) field(one.name, one.value);
  return *this;
}

void CommandWriter::close_json() {
  if (fields_open_) out_.append('}');
  out_.append(",\"flag\":");
  append_number(out_, start_.flag);
  out_.append(",\"language\":\"");
  out_.append(language_name(start_.language));
  out_.append("\",\"opaque\":");
  append_number(out_, start_.opaque);
  if (start_.remark) {
    out_.append(",\"remark\":");
    append_quoted(out_, *start_.remark);
  }
  out_.append(",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":");
  append_number(out_, start_.version);
  out_.append('}');
}

void CommandWriter::replace_oversized(std::size_t header_bytes) {
  const std::string remark = text("a header of ", header_bytes, " bytes is longer than a frame can carry");
  if ((start_.flag & kResponseFlag) != 0) start_.code = static_cast<std::int32_t>(ResponseCode::system_error);
  start_.remark = remark;
  out_.truncate(frame_begin_);
  fields_open_ = false;
  any_field_ = false;
  write_start();
  finish(std::size_t{0});
}

bool CommandWriter::finish(std::size_t body_bytes) {
  if (start_.type == HeaderType::json) {
    close_json();
  } else {
    const std::size_t fields_begin = fields_size_position_ + sizeof(std::uint32_t);
    out_.patch_be32(fields_size_position_, static_cast<std::uint32_t>(out_.size() - fields_begin));
  }
  const std::size_t header_bytes = out_.size() - frame_begin_ - kFramePrefixBytes;
  if (kFramePrefixBytes + header_bytes + body_bytes > kMaxFrameBytes) {
    replace_oversized(header_bytes);
    return false;
  }
  const auto type_and_length = static_cast<std::uint32_t>(start_.type) << 24 | static_cast<std::uint32_t>(header_bytes);
  out_.patch_be32(frame_begin_, static_cast<std::uint32_t>(sizeof type_and_length + header_bytes + body_bytes));
  out_.patch_be32(frame_begin_ + 4, type_and_length);
  return true;
}

bool CommandWriter::finish(std::span<const std::byte> body) {
  if (!finish(body.size())) return false;
  out_.append(body);
  return true;
}

void write_response(OutputBuffer& out, HeaderType type, ResponseCode code, std::int32_t opaque,
                    std::optional<std::string_view> remark) {
  CommandWriter(out, response_start(type, code, opaque, remark)).finish();
}

}  // namespace tenon::remoting
