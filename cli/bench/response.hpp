// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::bench {

/// One answer as the load generator needs it: which request, which code. Borrows the read buffer.
struct Response {
  std::int32_t code = -1;
  std::int32_t opaque = -1;
  bool is_request = false;  ///< The server asks something (a push): not an answer.
  bool binary = false;
  std::string_view header;
  std::string_view body;

  /// A decimal field of extFields, in either header encoding.
  std::optional<std::int64_t> field(std::string_view name) const;
  std::string_view remark() const;
};

/// Reads answers off a byte stream. Scans for the few members that matter instead of parsing, since the generator
/// shares the machine with the server it measures; where `opaque` stood last time it is looked for first.
/// Threads: one reader per connection.
class ResponseReader {
 public:
  enum class Outcome { complete, incomplete, malformed };
  /// Takes the first frame off `stream`.
  Outcome next(std::string_view& stream, Response& response);

 private:
  bool read_json(Response& response);
  std::size_t opaque_from_end_ = 0;
};

}  // namespace tenon::bench
