// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "protocol-native/testing/raw_client.hpp"
#include "tenon/host_address.hpp"

namespace tenon::fault {

/// An operator who makes, changes and deletes topics and consumer groups throughout, at one master after another, and
/// remembers what was answered: what must be there afterwards. A change that was not answered with success may be there
/// or not. Topics get a message now and then, from which a new master might make a deleted one again. Threads: one that
/// controls it; changing runs on one of its own.
class TableChanges {
 public:
  explicit TableChanges(std::uint64_t seed) : random_(seed) {}
  ~TableChanges() { join(); }
  /// Changes at `broker` until the connection ends or it takes nothing.
  void start(const HostAddress& broker);
  void join();
  /// The first topic or group that is not as it was answered; empty: there is none.
  std::string compare_with(const HostAddress& broker) const;
  /// While nobody changes anything: what both brokers have, whoever is the master next has. Until then a change that
  /// was not answered may still be there or not: the one that has it may be elected after one that has not. Returns
  /// the first topic or group of which they do not say the same, or not what was answered; empty: there is none.
  std::string settle(const HostAddress& master, const HostAddress& slave);
  int answered() const noexcept { return answered_; }

 private:
  /// "T3" or "g3".
  using Name = std::string;

  bool change(protocol_native::RawClient& client);
  protocol_native::ReceivedFrame make(protocol_native::RawClient& client, const Name& name, std::string& state);
  static std::string state_of(protocol_native::RawClient& client, const Name& name);

  std::mt19937_64 random_;
  std::map<Name, std::set<std::string>> allowed_;  ///< States, by name; an absent one is not to be there.
  int answered_ = 0;
  std::thread thread_;
};

}  // namespace tenon::fault
