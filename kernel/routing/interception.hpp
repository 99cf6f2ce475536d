// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "routing/plugin_faults.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// The line of interceptors: who sees a message, in which order. Messages are dismissed by their kinds, which the
/// publish path knows anyway, so an interceptor that takes care of some kind costs other messages nothing. Threads:
/// immutable after wire().
class Interception {
 public:
  explicit Interception(PluginFaults& faults) : faults_(faults) {}

  /// Puts the interceptors in their order.
  void wire(std::vector<Keyed<PublishInterceptor>> interceptors);

  /// True if anybody wants to see a message of these kinds (bits of message_kind).
  bool concerns(std::uint32_t kinds) const noexcept { return sees_all_ || (kinds & handled_) != 0; }
  /// True if somebody sees every message, whatever its kind, and so may do anything with it.
  bool sees_all() const noexcept { return sees_all_; }
  /// The kinds that somebody takes care of.
  std::uint32_t handled() const noexcept { return handled_; }
  /// Shows a message of these kinds to all, or to those behind the order `after`. Error: the first refusal.
  Status run(MessageDraft& draft, std::uint32_t kinds, std::optional<int> after = std::nullopt) const;

 private:
  struct Step {
    int order;
    std::uint32_t handles;
    Keyed<PublishInterceptor> interceptor;
  };

  PluginFaults& faults_;
  std::vector<Step> steps_;
  bool sees_all_ = false;
  std::uint32_t handled_ = 0;
};

}  // namespace tenon::kernel
