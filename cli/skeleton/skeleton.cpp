// SPDX-License-Identifier: Apache-2.0
#include "skeleton/skeleton.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>

#include "skeleton/template_files.hpp"

namespace tenon::cli {
namespace {

using Files = std::vector<std::filesystem::path>;

bool is_plugin_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 40 && name.front() >= 'a' && name.front() <= 'z' && name.back() != '-' &&
         name.find("--") == std::string_view::npos && std::ranges::all_of(name, allowed);
}

/// "my-filter" -> "my_filter"
std::string snake_case(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '-', '_');
  return out;
}

/// "my-filter" -> "MyFilter"
std::string pascal_case(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c != '-') out.push_back(upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c);
    upper = c == '-';
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::string filled_in(std::string_view text, std::string_view name) {
  std::string upper = snake_case(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out(text);
  replace_all(out, "@name@", name);
  replace_all(out, "@snake_name@", snake_case(name));
  replace_all(out, "@PascalName@", pascal_case(name));
  replace_all(out, "@UPPER_NAME@", upper);
  return out;
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return Error(Errc::io, tenon::text("write ", path.string(), ": failed"));
  return {};
}

}  // namespace

std::vector<std::string> skeleton_capabilities() {
  std::set<std::string> names;
  for (const TemplateFile& file : template_files()) names.emplace(file.capability);
  names.erase("any");
  return {names.begin(), names.end()};
}

Result<Files> write_skeleton(std::string_view name, std::string_view capability, const std::filesystem::path& where) {
  if (!is_plugin_name(name)) {
    return Error(Errc::invalid_parameter,
                 text("'", name, "' is no plug-in name: use lower-case letters, digits and '-', as in my-filter"));
  }
  if (std::ranges::count(skeleton_capabilities(), capability) == 0) {
    std::string known;
    for (const std::string& each : skeleton_capabilities()) known.append(known.empty() ? "" : ", ").append(each);
    return Error(Errc::invalid_parameter,
                 text("there is no skeleton for capability '", capability, "'; there are: ", known));
  }
  const std::filesystem::path directory = where / name;
  std::error_code failed;
  if (!std::filesystem::create_directories(directory, failed)) {
    if (failed) return Error(failed, text("create ", directory.string(), ": ", failed.message()));
    return Error(Errc::invalid_parameter, text(directory.string(), " exists already; nothing was written"));
  }
  Files written;
  for (const TemplateFile& file : template_files()) {
    if (file.capability != capability && file.capability != "any") continue;
    written.push_back(directory / filled_in(file.path, name));
    if (const Status status = write_file(written.back(), filled_in(file.text, name)); !status) return status.error();
  }
  return written;
}

}  // namespace tenon::cli
