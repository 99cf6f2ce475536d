// SPDX-License-Identifier: Apache-2.0
#include "level_offsets.hpp"

#include "broker_json/level_progress.hpp"
#include "fastjson/reader.hpp"

namespace tenon::delay {

std::string encode_level_offsets(const DelayLevelProgress& progress) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  broker_json::write_level_progress(json, progress);
  return out;
}

Result<DelayLevelProgress> decode_level_offsets(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  return broker_json::read_level_progress(*parsed);
}

}  // namespace tenon::delay
