// SPDX-License-Identifier: Apache-2.0
#include "recording.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "base64.hpp"
#include "fastjson/reader.hpp"
#include "golden_directory.hpp"

namespace tenon::golden {
namespace {

std::vector<std::filesystem::path> recordings() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory() / "wire")) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void rebuild(RecordedFrame& frame) {
  frame.header = from_base64(frame.decoded.text_or("header", ""));
  frame.body = from_base64(frame.decoded.text_or("body", ""));
  const std::uint32_t type = frame.is_json() ? 0 : 1;
  frame.wire.append_be32(static_cast<std::uint32_t>(4 + frame.header.size() + frame.body.size()));
  frame.wire.append_be32(type << 24 | static_cast<std::uint32_t>(frame.header.size()));
  frame.wire.append(frame.header);
  frame.wire.append(frame.body);
}

int read_recording(const std::filesystem::path& path, const std::function<void(const RecordedFrame&)>& visit) {
  std::ifstream file(path);
  std::string line;
  int number = 0, frames = 0;
  while (std::getline(file, line)) {
    RecordedFrame frame;
    frame.place = path.filename().string() + ":" + std::to_string(++number);
    auto decoded = fastjson::parse(line);
    if (decoded.has_error()) {
      ADD_FAILURE() << frame.place << ": " << decoded.error().message();
      continue;
    }
    frame.decoded = *std::move(decoded);
    if (frame.decoded.find("header") == nullptr) continue;
    rebuild(frame);
    visit(frame);
    ++frames;
  }
  return frames;
}

}  // namespace

int for_each_frame(const std::function<void(const RecordedFrame&)>& visit) {
  int frames = 0;
  for (const auto& path : recordings()) frames += read_recording(path, visit);
  return frames;
}

}  // namespace tenon::golden
