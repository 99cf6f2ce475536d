// SPDX-License-Identifier: Apache-2.0
#include "storetools/properties_file.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tenon::storetools {
namespace {

constexpr std::string_view kBlanks = " \t\f";

std::string_view without_leading_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool ends_with_continuation(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// The next line with what it is continued by, without comments and empty lines. False at the end.
bool next_line(std::string_view& content, std::string& line) {
  line.clear();
  while (!content.empty()) {
    const std::size_t end = content.find_first_of("\r\n");
    std::string_view part = without_leading_blanks(content.substr(0, end));
    content = end == std::string_view::npos ? std::string_view{} : content.substr(end + 1);
    if (line.empty() && (part.empty() || part.front() == '#' || part.front() == '!')) continue;
    const bool continued = ends_with_continuation(part);
    if (continued) part.remove_suffix(1);
    line += part;
    if (!continued) return true;
  }
  return !line.empty();
}

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr unsigned kHeads[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kHeads[more] | (point >> (6 * more)));
  for (int shift = 6 * (more - 1); shift >= 0; shift -= 6) out += static_cast<char>(0x80 | ((point >> shift) & 0x3F));
}

/// The four digits of a `\uXXXX`, whose backslash is at `at`.
std::optional<unsigned> utf16_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* const end = text.data() + at + 6;
  return std::from_chars(text.data() + at + 2, end, unit, 16).ptr == end ? std::optional(unit) : std::nullopt;
}

/// Two units where they are the halves of one character; half of one is a question mark, as Java writes it in UTF-8.
void append_units(std::string& out, std::string_view text, std::size_t& at) {
  const unsigned first = *utf16_unit(text, at);
  at += 5;
  if (first < 0xD800 || first > 0xDFFF) return append_utf8(out, first);
  const auto second = utf16_unit(text, at + 1);
  if (first > 0xDBFF || second.value_or(0) < 0xDC00 || *second > 0xDFFF) return append_utf8(out, '?');
  append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (*second - 0xDC00));
  at += 6;
}

/// Java takes each byte of such a file for a character.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      append_utf8(out, static_cast<unsigned char>(text[at]));
    } else if (utf16_unit(text, at)) {
      append_units(out, text, at);
    } else {
      const char escape = text[++at];
      out += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape == 'r' ? '\r' : escape == 'f' ? '\f' : escape;
    }
  }
  return out;
}

std::pair<std::string, std::string> entry_of(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && line[end] != '=' && line[end] != ':' && kBlanks.find(line[end]) == std::string_view::npos)
    end += line[end] == '\\' ? 2 : 1;
  end = std::min(end, line.size());
  std::string_view rest = without_leading_blanks(line.substr(end));
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest = without_leading_blanks(rest.substr(1));
  return {unescaped(line.substr(0, end)), unescaped(rest)};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_properties(std::string_view content) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (std::string line; next_line(content, line);) {
    auto entry = entry_of(line);
    std::erase_if(entries, [&](const auto& before) { return before.first == entry.first; });
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace tenon::storetools
