// SPDX-License-Identifier: Apache-2.0
#include "ha/divergence_file.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "state_file/state_file.hpp"

namespace tenon::ha {

Status keep_divergence(const std::filesystem::path& file, const Divergence& divergence) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("timestamp", divergence.timestamp_ms).member("begin", divergence.begin.value);
  json.member("length", divergence.length).member("savedAs", divergence.saved_as).end_object();
  return state_file::replace(file, out);
}

Result<std::optional<Divergence>> kept_divergence(const std::filesystem::path& file) {
  const auto content = state_file::read_or_backup(file);
  if (!content) return content.error();
  if (content->empty()) return std::optional<Divergence>();
  const auto json = fastjson::parse(*content);
  if (!json) return Error(json.error().code(), text(file.string(), ": ", json.error().message()));
  Divergence divergence{.timestamp_ms = json->i64_or("timestamp", 0),
                        .begin = {json->i64_or("begin", 0)},
                        .length = json->i64_or("length", 0),
                        .saved_as = std::string(json->text_or("savedAs", ""))};
  std::error_code failed;
  if (!std::filesystem::exists(divergence.saved_as, failed)) return std::optional<Divergence>();
  return std::optional(std::move(divergence));
}

}  // namespace tenon::ha
