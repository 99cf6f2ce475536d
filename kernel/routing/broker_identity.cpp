// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_identity.hpp"

namespace tenon::kernel {

HostAddress ConfiguredIdentity::advertised_address() const {
  if (known_.load(std::memory_order_acquire)) return address_;
  const std::scoped_lock lock(mutex_);
  if (known_.load(std::memory_order_relaxed) || registrar_ == nullptr) return address_;
  const HostAddress advertised = registrar_->advertised_address();
  if (advertised.port() == 0) return advertised;
  address_ = advertised;
  known_.store(true, std::memory_order_release);
  return address_;
}

}  // namespace tenon::kernel
