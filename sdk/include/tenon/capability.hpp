// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/export.hpp"

namespace tenon {

/// Name and revision of a capability: what plug-ins offer to and need from each other.
/// A changed meaning gets a new revision; for an addition, prefer a new small capability.
struct CapabilityId {
  std::string_view name;
  int revision = 1;

  friend bool operator==(const CapabilityId&, const CapabilityId&) = default;
  /// "tenon.message-store/1", as written in a plug-in's note.
  std::string to_string() const { return std::string(name) + "/" + std::to_string(revision); }
};

/// Base of every capability. A concrete one has `static constexpr CapabilityId kId`.
/// Ownership: the provider owns the object and keeps it alive from wire() until the end of its stop().
class TENON_EXPORT Capability {
 public:
  Capability() = default;
  Capability(const Capability&) = delete;
  Capability& operator=(const Capability&) = delete;
  virtual ~Capability();
};

}  // namespace tenon
