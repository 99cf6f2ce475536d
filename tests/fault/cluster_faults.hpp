// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string_view>

#include "hostile_cluster.hpp"

namespace tenon::fault {

/// What a fault is done to.
struct Target {
  HostileCluster& cluster;
  std::size_t master, slave;
  std::filesystem::path small_disk;  ///< The data of the last broker; empty: none.
  std::mt19937_64& random;

  Member& the_master() const { return cluster.member(master); }
  Member& the_slave() const { return cluster.member(slave); }
};

/// One kind of fault. HostileCluster::heal() and free_disk() end all of them.
struct Fault {
  std::string_view name;
  void (*begin)(const Target&);
  bool outlives_the_lease = false;                    ///< Only then it is one.
  void (*end)(const Target&) = [](const Target&) {};  ///< Before all links are well again.
};

/// Those that are drawn: brokers must stand each.
std::span<const Fault> all_faults();
/// Also of those that no campaign survives, which show that it sees them. nullptr: no such name.
const Fault* find_fault(std::string_view name);

/// The disk of the last broker has room again.
void free_disk(const std::filesystem::path& small_disk);

}  // namespace tenon::fault
