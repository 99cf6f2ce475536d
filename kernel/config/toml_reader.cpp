// SPDX-License-Identifier: Apache-2.0
// The only file that knows toml++.
#include "config/toml_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace tenon::kernel {
namespace {

// A bound on the re-reads after mistakes: a megabyte of garbage must not take a megabyte times its lines.
constexpr int kSyntaxProblemsMax = 20;
constexpr int kDotsPerLineMax = 64;
// A table header that was a mistake becomes this one: what follows is read, checked by nobody and dropped.
constexpr std::string_view kSkippedTable = "__skipped";

Position position_of(const toml::source_region& region, const std::string& origin) {
  return {origin, region.begin.line, region.begin.column};
}

Node to_node(const toml::node& from, const std::string& origin);

Table to_table(const toml::table& from, const std::string& origin) {
  Table table;
  for (const auto& [key, value] : from) {
    if (key.str().starts_with(kSkippedTable)) continue;
    table.push_back({std::string(key.str()), position_of(key.source(), origin), {}});
    table.back().node.push_back(to_node(value, origin));
  }
  std::stable_sort(table.begin(), table.end(), [](const Entry& left, const Entry& right) {
    return left.at.line != right.at.line ? left.at.line < right.at.line : left.at.column < right.at.column;
  });
  return table;
}

List to_list(const toml::array& from, const std::string& origin) {
  List list;
  for (const toml::node& value : from) list.push_back(to_node(value, origin));
  return list;
}

Node to_node(const toml::node& from, const std::string& origin) {
  Node node{false, position_of(from.source(), origin)};
  if (const auto* table = from.as_table())
    node.value = to_table(*table, origin);
  else if (const auto* array = from.as_array())
    node.value = to_list(*array, origin);
  else if (const auto* boolean = from.as_boolean())
    node.value = boolean->get();
  else if (const auto* integer = from.as_integer())
    node.value = integer->get();
  else if (const auto* number = from.as_floating_point())
    node.value = number->get();
  else if (const auto* string = from.as_string())
    node.value = string->get();
  else
    node.value = Unsupported{"a date or time"};
  return node;
}

struct LineBounds {
  std::size_t begin, end;
};

LineBounds find_line(std::string_view document, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t at = 1; at < line; ++at) {
    const auto newline = document.find('\n', begin);
    if (newline == std::string_view::npos) return {document.size(), document.size()};
    begin = newline + 1;
  }
  return {begin, std::min(document.find('\n', begin), document.size())};
}

std::string line_text(std::string_view document, std::uint32_t line) {
  const auto [begin, end] = find_line(document, line);
  return std::string(document.substr(begin, end - begin));
}

// Takes the line of a mistake out, keeping the numbers of all others. False when nothing was left to take out.
bool pass_over(std::string& document, std::uint32_t line) {
  const auto [begin, end] = find_line(document, line);
  const std::string old = line_text(document, line);
  const auto first = old.find_first_not_of(" \t\r");
  if (first == std::string::npos) return false;
  const bool is_header = old[first] == '[' && old.find(kSkippedTable) == std::string::npos;
  document.replace(begin, end - begin, is_header ? text("[", kSkippedTable, line, "]") : std::string());
  return true;
}

bool is_toml(const std::string& line) {
  try {
    (void)toml::parse(line);
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

// Tells mistakes from their echo: the rest of a value whose first line was passed over, and innocent lines that a value
// without an end has swallowed. Both follow line upon line.
class EchoFilter {
 public:
  bool is_echo(std::uint32_t line, const std::string& line_now, std::string_view description) {
    const bool follows = last_line_ != 0 && line == last_line_ + 1;
    const bool innocent = is_toml(line_now) && description.find("redefine") == std::string_view::npos;
    last_line_ = line;
    if (!follows) opened_ = false;
    const bool echo = follows && (opened_ || innocent);
    if (!echo) opened_ = opens_a_value(line_now);
    return echo;
  }

 private:
  static bool opens_a_value(const std::string& line) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) return false;
    const auto opening = std::count(line.begin(), line.end(), '['), closing = std::count(line.begin(), line.end(), ']');
    return opening > closing || line.find("\"\"\"", equals) != std::string::npos;
  }

  std::uint32_t last_line_ = 0;
  bool opened_ = false;
};

// Each dot of a key makes a table in a table, which parser and reader walk recursively; values nest 256 deep at most by
// toml++'s own bound. Returns the first line with more dots outside quotes than any key of ours could have, or 0.
std::uint32_t line_with_too_deep_key(std::string_view document) {
  std::uint32_t line = 1;
  int dots = 0;
  char quote = 0;
  for (const char letter : document) {
    if (letter == '\n') {
      ++line;
      dots = 0;
      quote = 0;
    } else if (quote != 0) {
      if (letter == quote) quote = 0;
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '.' && ++dots > kDotsPerLineMax) {
      return line;
    }
  }
  return 0;
}

// toml++ says "Error while parsing key-value pair: cannot redefine existing string 'x'": the part after the colon is
// it.
std::string plain(std::string_view description) {
  const auto colon = description.find(": ");
  const bool has_preamble = description.starts_with("Error while parsing") && colon != std::string_view::npos;
  return text("not valid TOML: ", has_preamble ? description.substr(colon + 2) : description);
}

}  // namespace

Table read_toml(std::string_view source, const std::string& origin, Problems& problems) {
  if (const std::uint32_t line = line_with_too_deep_key(source); line != 0) {
    problems.add({origin, line, 1}, "a key with that many dots is none of ours");
    return {};
  }
  std::string document(source);
  EchoFilter echoes;
  for (int attempt = 0; attempt <= kSyntaxProblemsMax; ++attempt) {
    try {
      return to_table(toml::parse(document, origin), origin);
    } catch (const toml::parse_error& error) {
      const auto& at = error.source().begin;
      if (!echoes.is_echo(at.line, line_text(document, at.line), error.description())) {
        problems.add({origin, at.line, at.column}, plain(error.description()));
      }
      if (!pass_over(document, at.line)) break;
    }
  }
  return {};
}

Table read_toml_file(const std::filesystem::path& file, Problems& problems) {
  std::ifstream input(file, std::ios::binary);
  const std::error_code why(errno, std::generic_category());
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    problems.add({file.string()}, "cannot be read: it is a directory, and a configuration is a file");
    return {};
  }
  if (!input) {
    problems.add({file.string()}, "cannot be read: " + why.message());
    return {};
  }
  std::string source(kConfigBytesMax + 1, '\0');
  input.read(source.data(), static_cast<std::streamsize>(source.size()));
  source.resize(static_cast<std::size_t>(input.gcount()));
  if (source.size() > kConfigBytesMax) {
    problems.add({file.string()}, "is larger than 1 MiB, which no configuration is");
    return {};
  }
  return read_toml(source, file.string(), problems);
}

std::optional<Node> read_toml_value(std::string_view value, const Position& at) {
  try {
    const toml::table table = toml::parse(text("value = ", value));
    const toml::node* node = table.size() == 1 ? table.get("value") : nullptr;
    if (node == nullptr) return std::nullopt;
    Node result = to_node(*node, at.origin);
    result.at = at;
    return result;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

}  // namespace tenon::kernel
