// SPDX-License-Identifier: Apache-2.0
#include "remoting/command.hpp"

#include <algorithm>

#include "remoting/limits.hpp"

namespace tenon::remoting {

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (field->name == name) return field->value;
  }
  return std::nullopt;
}

char* TextArena::reserve(std::size_t bytes) {
  if (capacity_ < bytes) {
    capacity_ = std::max<std::size_t>(bytes, 1024);
    memory_ = std::make_unique_for_overwrite<char[]>(capacity_);
  }
  return memory_.get();
}

void TextArena::shrink() noexcept {
  if (capacity_ <= kKeptArenaBytes) return;
  memory_.reset();
  capacity_ = 0;
}

void Command::clear() noexcept {
  arena_.shrink();
  type = HeaderType::json;
  code = 0;
  language = Language::java;
  version = 0;
  opaque = 0;
  flag = 0;
  remark.reset();
  has_fields = false;
  fields.clear();
  body = {};
}

Status Command::decode(const FrameView& frame) {
  clear();
  Status outcome = frame.type == HeaderType::json ? decode_json_header(frame.header, *this, arena_)
                                                  : decode_binary_header(frame.header, *this);
  if (outcome.has_error()) {
    clear();
    return outcome;
  }
  type = frame.type;
  body = frame.body;
  return outcome;
}

}  // namespace tenon::remoting
