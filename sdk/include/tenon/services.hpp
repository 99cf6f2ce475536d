// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/capability.hpp"

namespace tenon {

/// A capability together with the key it was provided under, and the instance name of the plug-in that provides it.
template <class T>
struct Keyed {
  std::string key;
  T* service;
  std::string provider = {};
};

/// The registry of capabilities as one plug-in sees it in its wire phase.
///
/// Plug-ins are wired in dependency order, so what a plug-in needs is provided by the time it asks.
/// Errors: provide() of something the note does not announce, require() of something that nobody provides, and two
/// providers of a capability that is one of a kind end the start with an error that names the plug-in.
/// Threads: only inside Plugin::wire().
class TENON_EXPORT Services {
 public:
  virtual ~Services();

  /// Offers `service`. `key` tells several providers of one capability apart, e.g. the expression type of a filter.
  template <class T>
  void provide(T& service, std::string_view key = {}) {
    provide_raw(T::kId, key, &static_cast<Capability&>(service), &service);
  }
  /// The provided capability. Fails the start if nobody provides it; the reference is valid until the end of stop().
  template <class T>
  T& require(std::string_view key = {}) {
    return *static_cast<T*>(require_raw(T::kId, key));
  }
  /// The provided capability, or nullptr if nobody provides it.
  template <class T>
  T* find(std::string_view key = {}) {
    return static_cast<T*>(find_raw(T::kId, key));
  }
  /// All providers, in the order of their instance names.
  template <class T>
  std::vector<Keyed<T>> find_all();

 protected:
  struct Found {
    std::string key;
    void* service;
    std::string provider = {};
  };
  /// `typed` is the same object as `service`, as a pointer to the capability's own type.
  virtual void provide_raw(CapabilityId id, std::string_view key, Capability* service, void* typed) = 0;
  virtual void* require_raw(CapabilityId id, std::string_view key) = 0;
  virtual void* find_raw(CapabilityId id, std::string_view key) = 0;
  virtual std::vector<Found> find_all_raw(CapabilityId id) = 0;
};

template <class T>
std::vector<Keyed<T>> Services::find_all() {
  std::vector<Keyed<T>> all;
  for (Found& found : find_all_raw(T::kId)) {
    all.push_back({std::move(found.key), static_cast<T*>(found.service), std::move(found.provider)});
  }
  return all;
}

}  // namespace tenon
