// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.hpp"

#include <algorithm>

#include "tenon/error.hpp"

namespace tenon::kernel {
namespace {

[[noreturn]] void fail(std::string message) { throw Failure(Error(Errc::invalid_parameter, std::move(message))); }

std::string shown(CapabilityId id, std::string_view key) { return text("'", id, key.empty() ? "" : ":", key, "'"); }

}  // namespace

void ServiceRegistry::add(Provided provided) {
  for (const Provided& other : all_) {
    // Without a key several may offer the same, if whoever asks takes them all (find_all).
    if (provided.key.empty() || other.key != provided.key || !(other.id == provided.id)) continue;
    fail(text("provides ", shown(provided.id, provided.key), ", which '", other.by, "' provides already"));
  }
  all_.push_back(std::move(provided));
}

const ServiceRegistry::Provided* ServiceRegistry::find(CapabilityId id, std::string_view key) const {
  const Provided* found = nullptr;
  for (const Provided& provided : all_) {
    if (!(provided.id == id) || (!key.empty() && provided.key != key)) continue;
    if (found != nullptr) {
      fail(text("asks for the one provider of ", shown(id, key), ", but '", found->by, "' and '", provided.by,
                "' both provide it"));
    }
    found = &provided;
  }
  return found;
}

std::vector<ServiceRegistry::Provided> ServiceRegistry::find_all(CapabilityId id) const {
  std::vector<Provided> found;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(found), [id](const auto& other) { return other.id == id; });
  // Not the order of the file or of the dependencies: what runs one after the other must not change with either.
  std::ranges::stable_sort(found, {}, &Provided::by);
  return found;
}

void PluginServices::check_announced(const std::vector<CapabilityRef>& announced, CapabilityId id, std::string_view key,
                                     std::string_view verb) const {
  const std::string name = id.to_string();
  const auto fits = [&](const CapabilityRef& ref) {
    return ref.name == name && (ref.key.empty() || key.empty() || ref.key == key);
  };
  if (std::any_of(announced.begin(), announced.end(), fits)) return;
  fail(text(verb, " ", shown(id, key), ", which its note does not announce"));
}

void PluginServices::provide_raw(CapabilityId id, std::string_view key, Capability*, void* typed) {
  check_announced(provides_, id, key, "provides");
  registry_.add({id, std::string(key), name_, typed});
}

void* PluginServices::require_raw(CapabilityId id, std::string_view key) {
  check_announced(requires_, id, key, "requires");
  const auto* found = registry_.find(id, key);
  if (found == nullptr) fail(text("requires ", shown(id, key), ", which no enabled plug-in provides"));
  return found->service;
}

void* PluginServices::find_raw(CapabilityId id, std::string_view key) {
  check_announced(requires_, id, key, "asks for");
  const auto* found = registry_.find(id, key);
  return found == nullptr ? nullptr : found->service;
}

std::vector<Services::Found> PluginServices::find_all_raw(CapabilityId id) {
  check_announced(requires_, id, {}, "asks for");
  std::vector<Found> all;
  for (auto& provided : registry_.find_all(id))
    all.push_back({std::move(provided.key), provided.service, std::move(provided.by)});
  return all;
}

}  // namespace tenon::kernel
