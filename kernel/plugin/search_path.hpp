// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::kernel {

/// Where plug-in files are looked for: beside the program (<program>/../lib/tenon/plugins), then the directories of
/// TENON_PLUGIN_PATH (separated by ':'), then those of `runtime.plugin_path`. Never the current directory: empty and
/// relative entries of the environment are passed over. The first file of a name wins.
class SearchPath {
 public:
  /// `program` is the running file, resolved; `environment` the value of TENON_PLUGIN_PATH.
  SearchPath(const std::filesystem::path& program, std::string_view environment,
             const std::vector<std::string>& configured);
  /// For this process. `configured` as above.
  static SearchPath of_this_process(const std::vector<std::string>& configured);

  /// The file of the plug-in type `type`: "store-mmap" is store-mmap.so.
  std::optional<std::filesystem::path> find(std::string_view type) const;
  /// Every plug-in file, sorted by type.
  std::vector<std::filesystem::path> all() const;
  const std::vector<std::filesystem::path>& directories() const noexcept { return directories_; }
  /// "a, b", for messages.
  std::string to_string() const;

 private:
  std::vector<std::filesystem::path> directories_;
};

}  // namespace tenon::kernel
