// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/append_listener.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// Everybody who wants to know of appends. Threads: notify() any, once set.
class AppendListeners {
 public:
  void set(std::vector<Keyed<AppendListener>> listeners) { listeners_ = std::move(listeners); }
  void notify(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const noexcept {
    for (const auto& listener : listeners_) {
      if (listener.service->listens()) listener.service->appended(topic, queue_id, offset);
    }
  }
  void notify_readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const noexcept {
    for (const auto& listener : listeners_) {
      if (listener.service->listens()) listener.service->readable(topic, queue_id, offset);
    }
  }

 private:
  std::vector<Keyed<AppendListener>> listeners_;
};

}  // namespace tenon::kernel
