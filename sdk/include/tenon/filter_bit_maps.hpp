// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/properties.hpp"

namespace tenon {

/// Says which of a topic's consumer filters a message passes, as the bit map that RocketMQ stores in the extension of
/// the consume queue. Offered by the kernel, for a store that keeps such an extension; the store hands the map back in
/// IndexEntry::extension, where it saves reading the record of a message that a filter refuses.
///
/// Threads: any. Costs one evaluation for each filter of the topic. Format: a Bloom filter,
/// ../shared/golden/sql92/bloom.json.
class TENON_EXPORT FilterBitMaps : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.filter-bit-maps", 1};

  /// Length of every map in bytes.
  virtual std::size_t size_bytes() const noexcept = 0;
  /// Fills `map`, which is size_bytes() long. False, and `map` untouched, when the topic has no filter: store no map.
  virtual bool calculate(std::string_view topic, const PropertiesView& properties, std::span<std::byte> map) const = 0;
};

/// Takes what makes the maps. Offered by a store that keeps them; the kernel hands its own over before any plug-in
/// starts. Threads: `ctl`.
class TENON_EXPORT FilterBitMapKeeper : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.filter-bit-map-keeper", 1};

  /// `maps` lives as long as the store.
  virtual void set_filter_bit_maps(const FilterBitMaps& maps) = 0;
};

}  // namespace tenon
