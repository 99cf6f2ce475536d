// SPDX-License-Identifier: Apache-2.0
#include "remoting/java_send_header.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "json_text/json_text.hpp"
#include "remoting/digits.hpp"
#include "remoting/field_reader.hpp"
#include "remoting/request_code.hpp"

namespace tenon::remoting {
namespace {

/// Text between two values, as a template argument: it becomes numbers that the header is compared with, eight bytes
/// at a time.
template <std::size_t Size>
struct Literal {
  consteval Literal(const char (&text)[Size]) { std::copy_n(text, Size, bytes); }
  static constexpr std::size_t length() { return Size - 1; }
  consteval std::uint64_t eight_from(std::size_t first) const {
    std::array<char, 8> eight{};
    std::copy_n(bytes + first, std::min<std::size_t>(8, length() - first), eight.begin());
    return std::bit_cast<std::uint64_t>(eight);
  }
  consteval std::uint64_t mask() const {
    std::array<unsigned char, 8> mask{};
    std::fill_n(mask.begin(), std::min<std::size_t>(8, length()), 0xFF);
    return std::bit_cast<std::uint64_t>(mask);
  }
  char bytes[Size];
};

/// The last literal. None is longer, and behind it only the version and a bracket follow; so wherever a literal or
/// another number begins, that much is left of the header.
constexpr Literal kLast{R"(,"serializeTypeCurrentRPC":"JSON","version":)"};

/// Walks over the header. Every member returns false for what is not the one expected form; nothing is used then.
/// All is inlined into one function, where the position stays in a register.
class Walk {
 public:
  Walk(std::span<const std::byte> header, TextArena& arena) noexcept
      : at_(reinterpret_cast<const char*>(header.data())),
        end_(at_ + header.size()),
        limit_(header.size() < kLast.length() ? nullptr : end_ - kLast.length()),
        arena_(arena) {}

  bool take_last(char character) noexcept { return end_ - at_ == 1 && *at_ == character; }

  template <Literal kText>
  [[gnu::always_inline]] bool take() noexcept {
    static_assert(kText.length() <= kLast.length());
    if (at_ > limit_ || !matches<kText, 0>()) return false;
    at_ += kText.length();
    return true;
  }

  /// Digits and what ends them.
  template <Literal kEnd, class Number>
  [[gnu::always_inline]] bool number_until(Number& into) noexcept {
    return number(into) && take<kEnd>();
  }
  template <class Number>
  [[gnu::always_inline]] bool number(Number& into) noexcept {
    if (at_ > limit_ || !is_digit(at_[0])) return false;
    if (!is_digit(at_[1])) {  // most have one
      into = *at_++ - '0';
      return true;
    }
    return digits(into);
  }
  template <class Number>
  [[gnu::always_inline]] bool last_number(Number& into) noexcept {
    return at_ != end_ && is_digit(*at_) && digits(into);
  }

  /// Text without escapes and what ends it, from its closing quote on.
  template <Literal kEnd>
  [[gnu::always_inline]] bool text_until(std::string_view& into) noexcept {
    const char* const first = at_;
    at_ = json_text::find_quote_or_backslash(first, end_);
    into = {first, static_cast<std::size_t>(at_ - first)};
    return take<kEnd>();
  }
  template <Literal kEnd>
  [[gnu::always_inline]] bool some_text_until(std::string_view& into) noexcept {
    return text_until<kEnd>(into) && !into.empty();
  }
  /// The same, with escapes.
  template <Literal kEnd>
  [[gnu::always_inline]] bool escaped_text_until(std::string_view& into) {
    const char* at = at_;
    char* const begin = arena_.reserve(left() + json_text::kSlack);
    char* out = begin;  // What is unescaped never grows.
    json_text::copy_run(at, end_, out);
    while (at != end_ && *at == '\\') {
      if (!json_text::decode_escape(at, end_, out)) return false;
      json_text::copy_run(at, end_, out);
    }
    into = {begin, static_cast<std::size_t>(out - begin)};
    at_ = at;
    return take<kEnd>();
  }

 private:
  static bool is_digit(char character) noexcept { return character >= '0' && character <= '9'; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <class Number>
  [[gnu::always_inline]] bool digits(Number& into) noexcept {
    const char* behind = at_;
    const std::int64_t found = take_digits(behind, end_);
    at_ = behind;
    into = static_cast<Number>(found);
    return std::in_range<Number>(found);
  }

  template <Literal kText, std::size_t kFrom>
  [[gnu::always_inline]] bool matches() const noexcept {
    std::uint64_t eight;
    std::memcpy(&eight, at_ + kFrom, sizeof eight);
    if constexpr (kText.length() < 8) {
      return (eight & kText.mask()) == kText.eight_from(0);
    } else if constexpr (kFrom + 8 == kText.length()) {
      return eight == kText.eight_from(kFrom);
    } else {  // The last eight may overlap those before.
      constexpr std::size_t kNext = std::min(kFrom + 8, kText.length() - 8);
      return eight == kText.eight_from(kFrom) && matches<kText, kNext>();
    }
  }

  const char* at_;
  const char* const end_;
  const char* const limit_;
  TextArena& arena_;
};

/// From a to n, which is their order; l and n may be absent.
[[gnu::always_inline]] inline bool take_fields(Walk& walk, SendFields& into) {
  std::string_view unit_mode, batch;
  const bool usual =
      walk.take<R"("a":")">() && walk.some_text_until<R"(","b":")">(into.producer_group) &&
      walk.some_text_until<R"(","c":")">(into.topic) && walk.some_text_until<R"(","d":")">(into.default_topic) &&
      walk.number_until<R"(","e":")">(into.default_topic_queue_nums) &&
      walk.number_until<R"(","f":")">(into.queue_id) && walk.number_until<R"(","g":")">(into.sys_flag) &&
      walk.number_until<R"(","h":")">(into.born_timestamp_ms) && walk.number_until<R"(","i":")">(into.flag) &&
      walk.escaped_text_until<R"(","j":")">(into.properties) && walk.number_until<R"(","k":")">(into.reconsume_times) &&
      walk.text_until<R"(",")">(unit_mode);
  if (!usual) return false;
  if (walk.take<R"(l":")">() && !walk.number_until<R"(",")">(into.max_reconsume_times.emplace())) return false;
  if (!walk.take<R"(m":")">() || !walk.text_until<R"(")">(batch)) return false;
  if (walk.take<R"(,"n":")">() && !walk.text_until<R"(")">(into.broker_name)) return false;
  into.unit_mode = parse_boolean(unit_mode);
  into.batch = parse_boolean(batch);
  return true;
}

std::int32_t take_send_code(Walk& walk) noexcept {
  if (walk.take<R"({"code":310,"extFields":{)">()) return static_cast<std::int32_t>(RequestCode::send_message_v2);
  if (walk.take<R"({"code":320,"extFields":{)">()) return static_cast<std::int32_t>(RequestCode::send_batch_message);
  return 0;
}

}  // namespace

bool JavaSendHeader::decode(const FrameView& frame, Command& command) {
  if (frame.type != HeaderType::json) return false;
  Walk walk(frame.header, arena_);
  const std::int32_t code = take_send_code(walk);
  if (code == 0) return false;
  arena_.shrink();
  fields_ = {};
  command.clear();
  command.code = code;
  command.has_fields = true;
  command.body = frame.body;
  return take_fields(walk, fields_) && walk.take<R"(},"flag":)">() &&
         walk.number_until<R"(,"language":"JAVA","opaque":)">(command.flag) &&
         walk.number_until<kLast>(command.opaque) && walk.last_number(command.version) && walk.take_last('}');
}

}  // namespace tenon::remoting
