// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json_text/json_text.hpp"
#include "remoting/command.hpp"

namespace tenon::remoting {

/// Walks over JSON text, one token at a time. A failed step remembers where and why; from then on the position must not
/// be used. Ownership: strings borrow the text, or the arena if they had escapes.
class JsonScanner {
 public:
  JsonScanner(std::string_view text, TextArena& arena) noexcept
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), arena_(arena) {}

  /// Skips white space, then: is `character` next? If so it is taken.
  bool take(char character) noexcept {
    if (at_ == end_ || *at_ != character) [[unlikely]] {  // Clients write no white space.
      skip_space();
      if (at_ == end_ || *at_ != character) return false;
    }
    ++at_;
    return true;
  }
  /// After white space; 0 at the end.
  char peek() noexcept {
    if (at_ == end_ || *at_ <= ' ') [[unlikely]]
      skip_space();
    return at_ == end_ ? '\0' : *at_;
  }
  bool at_end() noexcept {
    skip_space();
    return at_ == end_;
  }

  /// A string in quotes. False: there is none, see problem().
  bool string(std::string_view& into) {
    if (!take('"')) return fail("expected a string");
    const char* const first = at_;
    const char* const stop = json_text::find_quote_or_backslash(first, end_);
    if (stop == end_) return fail("string without end");
    if (*stop == '\\') return escaped_string(first, stop, into);
    at_ = stop + 1;
    into = {first, static_cast<std::size_t>(stop - first)};
    return true;
  }
  /// A string and the colon behind it. The one-letter names of the hot requests take a single look.
  bool name(std::string_view& into) {
    if (end_ - at_ >= 4 && json_text::is_short_name(at_)) {
      into = {at_ + 1, 1};
      at_ += 4;
      return true;
    }
    return string(into) && (take(':') || fail("expected ':'"));
  }
  /// A whole number, or a string that holds one, of 32 bits.
  bool integer(std::int32_t& into);
  /// The bare word or number that stands here: everything up to a delimiter.
  std::string_view word() noexcept;
  /// Any value, as it is written. Nested values are walked over without recursion, to a fixed depth.
  bool raw_value(std::string_view& into);

  /// Always false.
  bool fail(std::string_view what) noexcept {
    problem_ = what;
    return false;
  }
  std::string_view problem() const noexcept { return problem_; }
  std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

 private:
  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  /// The brackets that are open, one bit each: 1 for an array.
  struct Nesting {
    std::uint64_t kinds = 0;
    int depth = 0;
    void open(bool array) noexcept {
      kinds = kinds << 1 | (array ? 1U : 0U);
      ++depth;
    }
    bool close(bool array) noexcept {
      if (depth == 0 || (kinds & 1) != (array ? 1U : 0U)) return false;
      kinds >>= 1;
      --depth;
      return true;
    }
  };
  /// Walks over one token of a value that is not looked at.
  bool step_into_value(Nesting& nesting) noexcept;
  bool escaped_string(const char* first, const char* backslash, std::string_view& into);
  bool skip_string() noexcept;

  const char* begin_;
  const char* at_;
  const char* end_;
  TextArena& arena_;
  char* arena_at_ = nullptr;  ///< Where the next unescaped string goes; null before the first.
  std::string_view problem_;
};

}  // namespace tenon::remoting
