// SPDX-License-Identifier: Apache-2.0
#include "storetools/properties_file.hpp"

#include <algorithm>
#include <charconv>

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

void append_utf8(std::string& out, unsigned unit) {
  if (unit < 0x80) {
    out += static_cast<char>(unit);
  } else if (unit < 0x800) {
    out += static_cast<char>(0xC0 | (unit >> 6));
    out += static_cast<char>(0x80 | (unit & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (unit >> 12));
    out += static_cast<char>(0x80 | ((unit >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (unit & 0x3F));
  }
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char escape = text[++at];
    unsigned unit = 0;
    if (escape == 'u' && at + 4 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 5, unit, 16).ptr == text.data() + at + 5) {
      append_utf8(out, unit);
      at += 4;
      continue;
    }
    out += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape == 'r' ? '\r' : escape == 'f' ? '\f' : escape;
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
