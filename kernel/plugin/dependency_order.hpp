// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plugin/capability_list.hpp"

namespace tenon::kernel {

/// What the order needs to know of one plug-in, or of the kernel itself.
struct Dependent {
  std::string name;  ///< Instance name, for messages.
  std::vector<CapabilityRef> provides;
  std::vector<CapabilityRef> requires_;
  /// Asked for after everybody was wired: orders whoever can be ordered, never makes a cycle. The kernel gathers
  /// filters and interceptors so, of which some need the kernel in turn.
  std::vector<CapabilityRef> gathers;
};

/// A mistake in the composition: who asks for something that cannot be had.
struct UnmetDependency {
  std::size_t dependent;  ///< Index into the input.
  std::string message;    ///< "requires 'x/1', which no enabled plug-in provides"
};

struct DependencyOrder {
  std::vector<std::size_t> order;  ///< Indices, providers first; otherwise in the order of the input.
  std::vector<UnmetDependency> unmet;
};

/// Sorts providers before those who need them; an optional requirement counts when somebody provides it. With anything
/// in `unmet` the order is of no use. A cycle is reported once, at its first member, naming all.
DependencyOrder order_dependents(std::span<const Dependent> dependents);

}  // namespace tenon::kernel
