// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Tells the name servers about changed topics. Implemented by the name-server link.
class TopicAnnouncer {
 public:
  using Announced = std::function<void()>;

  virtual ~TopicAnnouncer() = default;
  /// `announced` is called once: when every reachable name server has answered, or the wait for it has timed out (which
  /// is logged, not an error). Inline, or on a thread of the provider; it must not block. Threads: any; no lock held.
  virtual void announce(std::vector<std::shared_ptr<const TopicConfig>> topics, const DataVersion& version,
                        Announced announced) = 0;
};

}  // namespace tenon::kernel
