// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"

namespace tenon::cli {

/// A table with a line for each row: the members of the first row are the columns, their names the heading, as wide as
/// their longest value; "-" stands for what is empty. Without rows: `none` and a line feed.
std::string table_of(const std::vector<fastjson::Value>& rows, std::string_view none);
/// The rows as a JSON array, a row a line.
std::string json_of(const std::vector<fastjson::Value>& rows);
/// To standard output; `format` is one of kRowFormats.
void print_rows(const std::vector<fastjson::Value>& rows, std::string_view format, std::string_view none);

inline constexpr std::array kRowFormats{"table", "json"};

}  // namespace tenon::cli
