// SPDX-License-Identifier: Apache-2.0
#include "remoting/request_code.hpp"

namespace tenon::remoting {

std::string_view request_code_name(std::int32_t code) noexcept {
  switch (code) {
#define TENON_CASE(number, name, text) \
  case number:                         \
    return text;
    TENON_REQUEST_CODES(TENON_CASE)
#undef TENON_CASE
    default:
      return {};
  }
}

}  // namespace tenon::remoting
