// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "routing/bloom_filter.hpp"
#include "routing/filter_compilers.hpp"

namespace tenon::kernel {

/// A registered filter behind the bit map of the consume queue's extension: what the map says did not pass is not read.
/// The map counts only if it was made while the filter lived and has the filter's length. Source: RocketMQ
/// ExpressionMessageFilter.isMatchedByConsumeQueue; ../shared/golden/sql92/bloom.json, consumeQueueStage.
class BitMapFilter final : public CompiledFilter {
 public:
  BitMapFilter(FilterPtr filter, BloomPositions positions, std::int64_t born_time_ms)
      : filter_(std::move(filter)), positions_(std::move(positions)), born_time_ms_(born_time_ms) {}

  bool match_index(const IndexEntry& entry) const noexcept override {
    if (entry.extension != nullptr && !may_pass(*entry.extension)) return false;
    return filter_->match_index(entry);
  }
  bool needs_properties() const noexcept override { return filter_->needs_properties(); }
  bool match_properties(const PropertiesView& properties) const noexcept override {
    return filter_->match_properties(properties);
  }

 private:
  bool may_pass(const IndexExtension& extension) const noexcept {
    const bool counts = extension.store_timestamp_ms > born_time_ms_ && !extension.bit_map.empty() &&
                        extension.bit_map.size() * 8 == static_cast<std::size_t>(positions_.map_bits);
    return !counts || has_bits(extension.bit_map, positions_);
  }

  const FilterPtr filter_;
  const BloomPositions positions_;
  const std::int64_t born_time_ms_;
};

}  // namespace tenon::kernel
