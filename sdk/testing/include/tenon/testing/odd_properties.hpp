// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tenon::testing {

/// Property blocks that no client writes and any may send: empty and unfinished entries, separators alone, the longest
/// block, bytes that are no text.
inline std::vector<std::string> odd_properties() {
  return {"",
          "\1",
          "\2",
          "\1\2",
          "TAGS\1\2",
          "TAGS",
          "\2\2\2",
          std::string(32'767, '\1'),
          std::string(32'767, 'x'),
          "TAGS\1\xFF\xFE\2",
          std::string("TAGS\1a\0b\2", 9)};
}

}  // namespace tenon::testing
