// SPDX-License-Identifier: Apache-2.0
#include "logstore/write_permission.hpp"

#include <algorithm>

namespace tenon::logstore {

void WritePermission::update() {
  refused_ = std::any_of(reasons_.begin(), reasons_.end(), [](const std::string& reason) { return !reason.empty(); });
}

void WritePermission::refuse(Refusal cause, std::string reason) {
  const std::lock_guard lock(mutex_);
  reasons_[static_cast<std::size_t>(cause)] = std::move(reason);
  update();
}

void WritePermission::allow(Refusal cause) {
  const std::lock_guard lock(mutex_);
  reasons_[static_cast<std::size_t>(cause)].clear();
  update();
}

std::string WritePermission::reason() const {
  const std::lock_guard lock(mutex_);
  for (const std::string& reason : reasons_) {
    if (!reason.empty()) return reason;
  }
  return {};
}

Error WritePermission::error() const {
  return {Errc::service_not_available, "the store accepts no writes: " + reason()};
}

}  // namespace tenon::logstore
