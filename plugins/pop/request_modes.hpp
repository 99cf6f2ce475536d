// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tenon/log.hpp"
#include "tenon/pop_consumption.hpp"

namespace tenon::pop {

/// How each group gets the messages of each topic, in `config/messageRequestMode.json` (store-format.md 9).
/// Threads: any.
class RequestModes {
 public:
  /// Reads the file and writes to it from now on. Errors: io, corrupt.
  Status open(const std::filesystem::path& data_dir, const Logger& log);

  RequestMode find(std::string_view topic, std::string_view group) const;
  std::vector<RequestMode> all() const;
  /// On the disk when it returns. Error: io.
  Status set(const RequestMode& mode);

 private:
  using Key = std::tuple<std::string, std::string>;  ///< Topic, group.
  using Table = std::map<Key, RequestMode>;

  static Result<Table> decode(std::string_view json);
  static std::string encode(const Table& modes);

  std::mutex writing_;
  mutable std::mutex mutex_;
  std::filesystem::path path_;
  Table modes_;
};

}  // namespace tenon::pop
