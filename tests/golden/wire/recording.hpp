// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "fastjson/value.hpp"
#include "remoting/frame.hpp"
#include "remoting/output_buffer.hpp"

namespace tenon::golden {

/// One recorded frame: the bytes, rebuilt as replay-notes.md section 1 says, and what the recorder made of them.
struct RecordedFrame {
  std::string place;        ///< "java-5.4.0-producer.jsonl:12", for messages.
  fastjson::Value decoded;  ///< The line.
  std::string header;
  std::string body;
  remoting::OutputBuffer wire;

  bool is_json() const { return decoded.text_or("serialization", "") == "json"; }
  bool is_request() const { return decoded.text_or("type", "") == "request"; }
  /// The code of the request, also when this is its answer; -1 for the answer to an unknown request.
  std::int32_t request_code() const {
    return is_request() ? decoded.i32_or("code", -1) : decoded.i32_or("answers", -1);
  }
};

/// Calls `visit` for each remoting frame of every recording, and returns how many there were. Lines of the HA stream
/// are no frames and are left out. Reports unreadable lines as test failures.
int for_each_frame(const std::function<void(const RecordedFrame&)>& visit);

}  // namespace tenon::golden
