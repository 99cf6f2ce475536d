// SPDX-License-Identifier: Apache-2.0
#include "remoting/response_code.hpp"

namespace tenon::remoting {

std::string_view response_code_name(std::int32_t code) noexcept {
  switch (code) {
#define TENON_CASE(number, name, text) \
  case number:                         \
    return text;
    TENON_RESPONSE_CODES(TENON_CASE)
#undef TENON_CASE
    default:
      return {};
  }
}

}  // namespace tenon::remoting
