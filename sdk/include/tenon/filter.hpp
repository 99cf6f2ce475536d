// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/offsets.hpp"
#include "tenon/properties.hpp"

namespace tenon {

/// What the consume queue's extension says of a message, in stores that keep one (RocketMQ's consumequeue_ext).
struct IndexExtension {
  std::int64_t store_timestamp_ms = 0;
  std::span<const std::byte> bit_map;  ///< Which filters let the message pass, see FilterBitMaps. May be empty.
};

/// What a store knows of a message without reading its record.
struct IndexEntry {
  PhysicalOffset physical_offset;
  std::int32_t size_bytes = 0;
  std::int64_t tags_code = 0;                 ///< Sign-extended java_string_hash of TAGS, 0 when untagged.
  const IndexExtension* extension = nullptr;  ///< Borrowed for the call; nullptr where the store has none.
};

/// A subscription expression, compiled once, evaluated once per candidate message.
///
/// Two steps, because the first is nearly free: `match_index` sees the index entry only; `match_properties` runs for
/// what passed, if `needs_properties()`, after the record's property block was read.
/// Threads: immutable after compile(); all members may run concurrently.
/// Errors:  none. A property that is absent or of the wrong type evaluates to unknown, and unknown does not match.
class TENON_EXPORT CompiledFilter {
 public:
  virtual ~CompiledFilter();
  virtual bool match_index(const IndexEntry& entry) const noexcept = 0;
  /// True when match_index alone cannot decide.
  virtual bool needs_properties() const noexcept = 0;
  virtual bool match_properties(const PropertiesView& properties) const noexcept = 0;
};

/// Turns expressions of one type into filters. Provided under its expression type as key:
/// `provide<FilterCompiler>("TAG", ...)`. Threads: compile() may be called from any thread, concurrently.
class TENON_EXPORT FilterCompiler : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.filter-compiler", 1};

  /// Compiles `expression`. Error: subscription_parse_failed, with the position and the reason.
  virtual Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const = 0;
};

}  // namespace tenon
