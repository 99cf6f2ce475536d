// SPDX-License-Identifier: Apache-2.0
#include "json_text/json_text.hpp"

#include <array>
#include <optional>

namespace tenon::json_text {
namespace {

constexpr std::int8_t kNoDigit = -1;

constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = kNoDigit;
  for (int digit = 0; digit < 10; ++digit)
    values[static_cast<std::size_t>('0' + digit)] = static_cast<std::int8_t>(digit);
  for (int digit = 10; digit < 16; ++digit) {
    values[static_cast<std::size_t>('a' + digit - 10)] = static_cast<std::int8_t>(digit);
    values[static_cast<std::size_t>('A' + digit - 10)] = static_cast<std::int8_t>(digit);
  }
  return values;
}
constexpr auto kHexValues = make_hex_values();

/// The number of four hexadecimal digits; negative if one is none.
int hex4(const char* digits) noexcept {
  int value = 0;
  int bad = 0;
  for (int index = 0; index < 4; ++index) {
    const int digit = kHexValues[static_cast<unsigned char>(digits[index])];
    bad |= digit;
    value = value << 4 | (digit & 0xF);
  }
  return bad < 0 ? -1 : value;
}

void put_utf8(char32_t code_point, char*& out) noexcept {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | code_point >> 12);
    } else {
      put(0xF0 | code_point >> 18);
      put(0x80 | (code_point >> 12 & 0x3F));
    }
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

constexpr char32_t kReplacement = 0xFFFD;

/// `at` is behind `\uXXXX` whose number was `unit`, a surrogate: takes the other half if it follows.
char32_t join_surrogates(char32_t unit, const char*& at, const char* end) noexcept {
  const bool is_first_half = unit < 0xDC00;
  if (!is_first_half || end - at < 6 || at[0] != '\\' || at[1] != 'u') return kReplacement;
  const int second = hex4(at + 2);
  if (second < 0xDC00 || second > 0xDFFF) return kReplacement;
  at += 6;
  return 0x10000 + ((unit - 0xD800) << 10) + (static_cast<char32_t>(second) - 0xDC00);
}

bool decode_unicode(const char*& at, const char* end, char*& out) noexcept {
  if (end - at < 6) return false;
  const int number = hex4(at + 2);
  if (number < 0) return false;
  at += 6;
  auto code_point = static_cast<char32_t>(number);
  if (code_point >= 0xD800 && code_point <= 0xDFFF) code_point = join_surrogates(code_point, at, end);
  put_utf8(code_point, out);
  return true;
}

/// The character that a one-letter escape stands for; nothing if there is no such escape.
constexpr std::optional<char> short_escape(char letter) noexcept {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
    case '\'':
      return letter;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    case '0':
      return '\0';
    default:
      return std::nullopt;
  }
}

/// Copies up to the first character that needs an escape; both pointers move on.
void copy_plain(const char*& at, const char* end, char*& out) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  while (at != end) {
    __m128i block = _mm_setzero_si128();
    if (end - at >= 16) {
      block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    } else {  // Zeros behind the end stop the search there, as they need an escape.
      std::memcpy(&block, at, static_cast<std::size_t>(end - at));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control);
    const int found = _mm_movemask_epi8(_mm_or_si128(special, control));
    const int count = found == 0 ? 16 : __builtin_ctz(static_cast<unsigned>(found));
    at += count;
    out += count;
    if (count < 16) return;
  }
#else
  while (at != end && !needs_escape(*at)) *out++ = *at++;
#endif
}

}  // namespace

bool decode_any_escape(const char*& at, const char* end, char*& out) noexcept {
  if (end - at < 2) return false;
  if (at[1] == 'u') return decode_unicode(at, end, out);
  const auto character = short_escape(at[1]);
  if (!character) return false;
  *out++ = *character;
  at += 2;
  return true;
}

char* write_escape(char* out, char character) noexcept {
  *out++ = '\\';
  switch (character) {
    case '"':
    case '\\':
      *out++ = character;
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\b':
      *out++ = 'b';
      return out;
    case '\f':
      *out++ = 'f';
      return out;
    default:
      break;
  }
  constexpr char kDigits[] = "0123456789ABCDEF";
  *out++ = 'u';
  *out++ = '0';
  *out++ = '0';
  *out++ = kDigits[character >> 4 & 0xF];
  *out++ = kDigits[character & 0xF];
  return out;
}

char* write_escaped(char* out, std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    copy_plain(at, end, out);
    if (at == end) return out;
    out = write_escape(out, *at++);
  }
}

}  // namespace tenon::json_text
