// SPDX-License-Identifier: Apache-2.0
#include "plugin/search_path.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <system_error>

namespace tenon::kernel {
namespace fs = std::filesystem;

SearchPath::SearchPath(const fs::path& program, std::string_view environment,
                       const std::vector<std::string>& configured) {
  directories_.push_back(program.parent_path().parent_path() / "lib" / "tenon" / "plugins");
  for (std::size_t begin = 0; begin <= environment.size();) {
    const auto end = std::min(environment.find(':', begin), environment.size());
    const fs::path directory(environment.substr(begin, end - begin));
    if (directory.is_absolute()) directories_.push_back(directory);
    begin = end + 1;
  }
  for (const std::string& directory : configured) {
    if (!directory.empty()) directories_.push_back(fs::absolute(directory));
  }
}

SearchPath SearchPath::of_this_process(const std::vector<std::string>& configured) {
  const char* environment = std::getenv("TENON_PLUGIN_PATH");
  return {fs::read_symlink("/proc/self/exe"), environment == nullptr ? "" : environment, configured};
}

std::optional<fs::path> SearchPath::find(std::string_view type) const {
  // A type is a name, never a path out of the directories.
  if (type.empty() || type.find('/') != std::string_view::npos || type.front() == '.') return std::nullopt;
  for (const fs::path& directory : directories_) {
    fs::path file = directory / (std::string(type) + ".so");
    std::error_code ignored;
    if (fs::exists(file, ignored)) return file;
  }
  return std::nullopt;
}

std::vector<fs::path> SearchPath::all() const {
  std::map<std::string, fs::path> by_type;
  for (const fs::path& directory : directories_) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
      if (entry.path().extension() == ".so") by_type.emplace(entry.path().stem().string(), entry.path());
    }
  }
  std::vector<fs::path> files;
  files.reserve(by_type.size());
  for (auto& [type, file] : by_type) files.push_back(std::move(file));
  return files;
}

std::string SearchPath::to_string() const {
  std::string all;
  for (const fs::path& directory : directories_) all += (all.empty() ? "" : ", ") + directory.string();
  return all;
}

}  // namespace tenon::kernel
