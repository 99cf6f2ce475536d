// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inside of JSON strings as RocketMQ's Java parts write and read them: finding and copying text 16 bytes at a
// time, escapes. Used by the header codec (lib/remoting) and the reader of whole texts (lib/fastjson).
// SSE2 belongs to every x86-64; elsewhere the byte loops do the same.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::json_text {

/// Bytes that a copy may write beyond the text it copies.
inline constexpr std::size_t kSlack = 16;
/// What one byte may grow to when escaped (`\u0001`).
inline constexpr std::size_t kMaxEscaped = 6;
/// What one escape may stand for: a character in UTF-8.
inline constexpr std::size_t kMaxDecoded = 4;

inline bool ends_run(char character) noexcept { return character == '"' || character == '\\'; }

/// Are the four characters at `at` a name of one letter and its colon, `"x":`? Compared all at once.
inline bool is_short_name(const char* at) noexcept {
  constexpr char kName[] = {'"', '\0', '"', ':'}, kMask[] = {'\xFF', '\0', '\xFF', '\xFF'};
  std::uint32_t four, name, mask;
  std::memcpy(&four, at, sizeof four);
  std::memcpy(&name, kName, sizeof name);
  std::memcpy(&mask, kMask, sizeof mask);
  return (four & mask) == name && !ends_run(at[1]);
}

/// The first quote or backslash at or after `at`; `end` if there is none.
[[gnu::always_inline]] inline const char* find_quote_or_backslash(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    if (found != 0) return at + __builtin_ctz(static_cast<unsigned>(found));
  }
#endif
  while (at != end && !ends_run(*at)) ++at;
  return at;
}

/// Copies from `at` up to the first quote or backslash, or `end`; both pointers move on. Writes up to kSlack bytes more
/// than it copies.
[[gnu::always_inline]] inline void copy_run(const char*& at, const char* end, char*& out) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - at >= 16; at += 16, out += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    if (found != 0) {
      const int count = __builtin_ctz(static_cast<unsigned>(found));
      at += count;
      out += count;
      return;
    }
  }
#endif
  while (at != end && !ends_run(*at)) *out++ = *at++;
}

/// Decodes the escape at `at` (which is a backslash) into `out`; both move on. False if it is malformed or cut off by
/// `end`. A lone half of a surrogate pair becomes U+FFFD. Never writes more bytes than it reads.
[[gnu::noinline]] bool decode_any_escape(const char*& at, const char* end, char*& out) noexcept;

/// The same. Almost all escapes in headers are the `\u0001` and `\u0002` between message properties.
[[gnu::always_inline]] inline bool decode_escape(const char*& at, const char* end, char*& out) noexcept {
  constexpr char kSeparator[] = {'\\', 'u', '0', '0', '0', '\0', '\0', '\0'};
  constexpr char kMask[] = {'\xFF', '\xFF', '\xFF', '\xFF', '\xFF', '\0', '\0', '\0'};
  std::uint64_t eight, separator, mask;
  std::memcpy(&separator, kSeparator, sizeof separator);
  std::memcpy(&mask, kMask, sizeof mask);
  if (end - at >= 8 && (std::memcpy(&eight, at, sizeof eight), (eight & mask) == separator) &&
      static_cast<unsigned char>(at[5] - '0') <= 9) {
    *out++ = static_cast<char>(at[5] - '0');
    at += 6;
    return true;
  }
  const char* behind = at;  // Copies, so that the callers' own pointers can stay in registers.
  char* written = out;
  const bool decoded = decode_any_escape(behind, end, written);
  at = behind;
  out = written;
  return decoded;
}

/// Must `character` be escaped between double quotes?
inline bool needs_escape(char character) noexcept {
  return static_cast<unsigned char>(character) < 0x20 || ends_run(character);
}
/// Writes the escape of a character that needs one, at most kMaxEscaped bytes. Returns where it ended.
char* write_escape(char* out, char character) noexcept;
/// Writes `text` with the escapes of Java's servers: quote, backslash, control characters. Returns where it ended.
/// Needs kMaxEscaped bytes for each of `text` and kSlack more.
char* write_escaped(char* out, std::string_view text) noexcept;

}  // namespace tenon::json_text
