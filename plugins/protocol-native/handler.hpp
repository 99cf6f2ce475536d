// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "remoting/request_code.hpp"

namespace tenon::protocol_native {

class Request;

/// Serves one request code. Runs on the connection's thread, must not block, and either answers through the Request
/// before it returns or takes a DeferredAnswer. May throw: Failure is answered with its mapped code, anything else
/// with 1.
using Handler = void (*)(Request& request);

/// Handlers by request code. Filled once before the listeners open, read-only afterwards.
class HandlerTable {
 public:
  void add(remoting::RequestCode request_code, Handler handler) {
    const auto code = static_cast<std::int32_t>(request_code);
    if (is_low(code)) {
      low_[static_cast<std::size_t>(code)] = handler;
    } else {
      high_[code] = handler;
    }
  }
  /// nullptr for a code that nobody serves.
  Handler find(std::int32_t code) const noexcept {
    if (is_low(code)) return low_[static_cast<std::size_t>(code)];
    const auto found = high_.find(code);
    return found == high_.end() ? nullptr : found->second;
  }

 private:
  static constexpr std::int32_t kLowCodes = 512;
  static bool is_low(std::int32_t code) noexcept { return code >= 0 && code < kLowCodes; }

  std::array<Handler, kLowCodes> low_{};  // every request of normal client life
  std::unordered_map<std::int32_t, Handler> high_;
};

}  // namespace tenon::protocol_native
