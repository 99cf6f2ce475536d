// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/capability_list.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// All capabilities that were provided in this process, in the order of wiring. Threads: `ctl`.
class ServiceRegistry {
 public:
  struct Provided {
    CapabilityId id;
    std::string key;
    std::string by;  ///< Instance name of the provider.
    void* service;   ///< As a pointer to the capability's own type. Owned by the provider.
  };

  /// Throws Failure if the key is taken.
  void add(Provided provided);
  /// The only provider of `id`, under `key` if one is given; nullptr if there is none. Throws Failure if there are
  /// several.
  const Provided* find(CapabilityId id, std::string_view key) const;
  /// All providers, in the order of the names of who provides.
  std::vector<Provided> find_all(CapabilityId id) const;

 private:
  std::vector<Provided> all_;
};

/// The registry as one plug-in sees it in its wire phase: everything is checked against what its note announces,
/// because the order of wiring was made from the notes. (A plug-in may provide less than it announces: a store has a
/// commit gate only when it flushes synchronously.) Errors are Failures whose text continues "plug-in 'x' ".
class PluginServices final : public Services {
 public:
  PluginServices(ServiceRegistry& registry, std::string name, const std::vector<CapabilityRef>& provides,
                 const std::vector<CapabilityRef>& requires_list)
      : registry_(registry), name_(std::move(name)), provides_(provides), requires_(requires_list) {}

 private:
  void provide_raw(CapabilityId id, std::string_view key, Capability* service, void* typed) override;
  void* require_raw(CapabilityId id, std::string_view key) override;
  void* find_raw(CapabilityId id, std::string_view key) override;
  std::vector<Found> find_all_raw(CapabilityId id) override;

  void check_announced(const std::vector<CapabilityRef>& announced, CapabilityId id, std::string_view key,
                       std::string_view verb) const;

  ServiceRegistry& registry_;
  std::string name_;
  const std::vector<CapabilityRef>& provides_;
  const std::vector<CapabilityRef>& requires_;
};

}  // namespace tenon::kernel
