// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "remoting/big_endian.hpp"
#include "remoting/command.hpp"
#include "remoting/limits.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// Code, language, version, opaque, flag, remark length, fields length: what is there even without remark and fields.
constexpr std::size_t kHeaderFixedBytes = 21;

/// Takes numbers and texts off the front of a header. A negative length is a huge one, and so refused.
class BinaryCursor {
 public:
  explicit BinaryCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class Number>
  bool take(Number& number) {
    if (bytes_.size() - at_ < sizeof number) return false;
    number = load_be<Number>(bytes_.data() + at_);
    at_ += sizeof number;
    return true;
  }
  bool take(std::string_view& text, std::size_t length) {
    if (bytes_.size() - at_ < length) return false;
    text = {reinterpret_cast<const char*>(bytes_.data() + at_), length};
    at_ += length;
    return true;
  }
  std::size_t position() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  void end_after(std::size_t length) { bytes_ = bytes_.first(at_ + length); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

Error malformed(const BinaryCursor& cursor, std::string_view what) {
  return {Errc::invalid_parameter, text("malformed binary header at byte ", cursor.position(), ": ", what)};
}

bool take_field(BinaryCursor& cursor, Field& field) {
  std::uint16_t name_length = 0;
  std::uint32_t value_length = 0;
  return cursor.take(name_length) && cursor.take(field.name, name_length) && cursor.take(value_length) &&
         cursor.take(field.value, value_length);
}

Status take_ext_fields(BinaryCursor& cursor, Command& command) {
  std::uint32_t total = 0;
  if (!cursor.take(total)) return malformed(cursor, "the length of the fields is missing");
  if (total > cursor.left()) return malformed(cursor, "the fields are longer than the header");
  cursor.end_after(total);  // RocketMQ ignores what follows.
  command.has_fields = true;
  while (cursor.left() > 0) {
    if (command.fields.size() == kMaxFields) return malformed(cursor, "too many fields");
    Field field;
    if (!take_field(cursor, field)) return malformed(cursor, "a field is longer than the header");
    command.fields.add(field.name, field.value);
  }
  return {};
}

}  // namespace

Status decode_binary_header(std::span<const std::byte> header, Command& command) {
  BinaryCursor cursor(header);
  if (header.size() < kHeaderFixedBytes) return malformed(cursor, "shorter than its fixed part");
  std::uint16_t code = 0, version = 0;
  std::uint8_t language = 0;
  std::uint32_t opaque = 0, flag = 0, remark_length = 0;
  cursor.take(code);
  cursor.take(language);
  cursor.take(version);
  cursor.take(opaque);
  cursor.take(flag);
  cursor.take(remark_length);
  command.code = static_cast<std::int16_t>(code);
  command.language = language_from_byte(language);
  command.version = static_cast<std::int16_t>(version);
  command.opaque = static_cast<std::int32_t>(opaque);
  command.flag = static_cast<std::int32_t>(flag);
  std::string_view remark;
  if (!cursor.take(remark, remark_length)) return malformed(cursor, "the remark is longer than the header");
  if (!remark.empty()) command.remark = remark;
  return take_ext_fields(cursor, command);
}

}  // namespace tenon::remoting
