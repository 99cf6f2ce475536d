// SPDX-License-Identifier: Apache-2.0
#include "plugin/dependency_order.hpp"

#include <algorithm>
#include <set>

namespace tenon::kernel {
namespace {

using Indices = std::set<std::size_t>;

Indices providers_of(std::span<const Dependent> dependents, const CapabilityRef& wanted) {
  Indices providers;
  for (std::size_t index = 0; index < dependents.size(); ++index) {
    const auto& provided = dependents[index].provides;
    if (std::any_of(provided.begin(), provided.end(), [&](const auto& offer) { return wanted.is_met_by(offer); })) {
      providers.insert(index);
    }
  }
  return providers;
}

// Each requirement of a dependent, followed to whom it waits for.
class Graph {
 public:
  Graph(std::span<const Dependent> dependents, std::vector<UnmetDependency>& unmet) : dependents_(dependents) {
    for (std::size_t index = 0; index < dependents.size(); ++index) {
      waits_for_.push_back(needed_by(index, unmet));
      gathers_from_.push_back(gathered_by(index));
    }
  }

  // The first of the input whose needs are met; with `wait_to_gather`, whose gathered providers are there, too.
  std::size_t next(const Indices& placed, bool wait_to_gather) const {
    for (std::size_t index = 0; index < dependents_.size(); ++index) {
      if (placed.contains(index) || !contains_all(placed, waits_for_[index])) continue;
      if (wait_to_gather && !contains_all(placed, gathers_from_[index])) continue;
      return index;
    }
    return dependents_.size();
  }

  // Follows unmet waits from the first dependent left until one comes twice.
  UnmetDependency describe_cycle(const Indices& placed) const {
    std::vector<std::size_t> path;
    std::size_t at = 0;
    while (placed.contains(at)) ++at;
    while (std::find(path.begin(), path.end(), at) == path.end()) {
      path.push_back(at);
      for (const std::size_t awaited : waits_for_[at]) {
        if (!placed.contains(awaited)) at = awaited;
      }
    }
    path.erase(path.begin(), std::find(path.begin(), path.end(), at));
    std::string names;
    for (const std::size_t index : path) names += "'" + dependents_[index].name + "' needs ";
    return {at, "is part of a cycle of requirements: " + names + "'" + dependents_[at].name + "'"};
  }

 private:
  static bool contains_all(const Indices& placed, const Indices& wanted) {
    return std::includes(placed.begin(), placed.end(), wanted.begin(), wanted.end());
  }

  Indices needed_by(std::size_t index, std::vector<UnmetDependency>& unmet) const {
    Indices needed;
    for (const CapabilityRef& wanted : dependents_[index].requires_) {
      const Indices providers = providers_of(dependents_, wanted);
      needed.insert(providers.begin(), providers.end());
      if (!providers.empty() || wanted.optional) continue;
      unmet.push_back({index, "requires '" + wanted.to_string() + "', which no enabled plug-in provides"});
    }
    needed.erase(index);
    return needed;
  }

  Indices gathered_by(std::size_t index) const {
    Indices gathered;
    for (const CapabilityRef& wanted : dependents_[index].gathers) gathered.merge(providers_of(dependents_, wanted));
    gathered.erase(index);
    return gathered;
  }

  std::span<const Dependent> dependents_;
  std::vector<Indices> waits_for_, gathers_from_;
};

}  // namespace

DependencyOrder order_dependents(std::span<const Dependent> dependents) {
  DependencyOrder result;
  const Graph graph(dependents, result.unmet);
  Indices placed;
  while (placed.size() < dependents.size()) {
    std::size_t next = graph.next(placed, true);
    if (next == dependents.size()) next = graph.next(placed, false);
    if (next == dependents.size()) {
      result.unmet.push_back(graph.describe_cycle(placed));
      return result;
    }
    placed.insert(next);
    result.order.push_back(next);
  }
  return result;
}

}  // namespace tenon::kernel
