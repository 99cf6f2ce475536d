// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "fastjson/writer.hpp"

namespace tenon::cli {
namespace {

using Cells = std::vector<std::string>;

/// "connectedSeconds" -> "CONNECTED SECONDS"
std::string heading(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    if (std::isupper(static_cast<unsigned char>(letter)) != 0) out += ' ';
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return out;
}

void append_line(std::string& out, const Cells& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    line.append(widths[i] + 2 - cells[i].size(), ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

}  // namespace

std::string table_of(const std::vector<fastjson::Value>& rows, std::string_view none) {
  if (rows.empty()) return std::string(none) + '\n';
  std::vector<Cells> lines(1);
  for (const fastjson::Member& column : rows.front().members()) {
    lines.front().push_back(heading(column.key.as_text().value_or("")));
  }
  for (const fastjson::Value& row : rows) {
    Cells& cells = lines.emplace_back();
    for (const fastjson::Member& column : rows.front().members()) {
      std::string cell = row.text_or(column.key.as_text().value_or(""), "");
      cells.push_back(cell.empty() ? "-" : std::move(cell));
    }
  }
  std::vector<std::size_t> widths(lines.front().size());
  for (const Cells& cells : lines) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string out;
  for (const Cells& cells : lines) append_line(out, cells, widths);
  return out;
}

std::string json_of(const std::vector<fastjson::Value>& rows) {
  std::string out = "[";
  for (const fastjson::Value& row : rows) {
    out += out.size() == 1 ? "\n" : ",\n";
    fastjson::Writer(out, {fastjson::Layout::compact, fastjson::IntegerKeys::quoted}).value(row);
  }
  return out + (rows.empty() ? "]\n" : "\n]\n");
}

void print_rows(const std::vector<fastjson::Value>& rows, std::string_view format, std::string_view none) {
  const std::string out = format == "json" ? json_of(rows) : table_of(rows, none);
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace tenon::cli
