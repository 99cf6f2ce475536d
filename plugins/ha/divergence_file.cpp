// SPDX-License-Identifier: Apache-2.0
#include "ha/divergence_file.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "state_file/state_file.hpp"

namespace tenon::ha {
namespace {

Result<Divergence> decode(std::string_view content) {
  const auto json = fastjson::parse(content);
  if (!json) return json.error();
  Divergence divergence{.timestamp_ms = json->i64_or("timestamp", 0),
                        .begin = {json->i64_or("begin", 0)},
                        .length = json->i64_or("length", 0),
                        .saved_as = json->text_or("savedAs", "")};
  if (divergence.saved_as.empty()) return Error(Errc::corrupt, "it does not say \"savedAs\"");
  return divergence;
}

}  // namespace

Status keep_divergence(const std::filesystem::path& file, const Divergence& divergence) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("timestamp", divergence.timestamp_ms).member("begin", divergence.begin.value);
  json.member("length", divergence.length).member("savedAs", divergence.saved_as).end_object();
  return state_file::replace(file, out);
}

Result<std::optional<Divergence>> kept_divergence(const std::filesystem::path& file, const Logger& log) {
  Divergence divergence;
  const auto take = [&divergence](std::string_view content) -> Status {
    auto decoded = decode(content);
    if (!decoded) return decoded.error();
    divergence = *std::move(decoded);
    return {};
  };
  const auto taken = state_file::read_decodable(file, take, log);
  if (!taken) return taken.error();
  std::error_code failed;
  if (!*taken || !std::filesystem::exists(divergence.saved_as, failed)) return std::optional<Divergence>();
  return std::optional(std::move(divergence));
}

}  // namespace tenon::ha
