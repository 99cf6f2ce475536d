// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "routing/bloom_filter.hpp"
#include "routing/filter_compilers.hpp"

namespace tenon::kernel {

/// Subscriptions by tag need no registry: their filters live with the subscription.
inline bool is_tag_type(std::string_view expression_type) noexcept {
  return expression_type.empty() || expression_type == "TAG";
}

/// The filter of one group on one topic, of any expression type but TAG. Immutable but by replacement.
/// Source: RocketMQ ConsumerFilterData.java.
struct ConsumerFilter {
  std::string topic, group;
  std::string expression, expression_type;
  std::int64_t client_version = 0;  ///< subVersion of the subscription that it came with.
  std::int64_t born_time_ms = 0;
  std::int64_t dead_time_ms = 0;  ///< When the last member left; 0 while there is one.
  BloomPositions bloom;
  FilterPtr filter;  ///< Compiled; nullptr in what comes from a file.

  bool is_dead() const noexcept { return dead_time_ms != 0; }
};
using ConsumerFilterPtr = std::shared_ptr<const ConsumerFilter>;

}  // namespace tenon::kernel
