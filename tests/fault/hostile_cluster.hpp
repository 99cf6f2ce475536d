// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etcd_process.hpp"
#include "faulty_proxy.hpp"
#include "replicated_brokers.hpp"

namespace tenon::fault {

inline constexpr std::chrono::seconds kLeaseTtl{3};

struct ClusterSettings {
  std::string etcd;  ///< The program.
  int brokers = 3;
  bool synchronous = true;
  std::filesystem::path small_disk;  ///< For the data of the last broker; empty: none.
};

/// A broker and the links that lead from it and to it. The addresses of the links stay over restarts of the process.
struct Member {
  FaultyProxy to_etcd, to_names;            ///< From this broker.
  FaultyProxy replication, peers, clients;  ///< To it: slaves, slaves' questions for topics and offsets, clients.
  std::unique_ptr<e2e::BrokerProcess> process;
  std::atomic<int> starts{0};
  bool is_stopped = false, is_killed = false;
  bool came_up = true;  ///< At its last start.

  void lead_links_to_process();
  void kill();
  void stop();
  void go_on();
};

/// Brokers of one name under an election, etcd and a name server, all processes of their own, with a bad network
/// between them. Threads: one, but for the addresses and counts of members.
class HostileCluster {
 public:
  explicit HostileCluster(const ClusterSettings& settings);

  std::size_t size() const noexcept { return members_.size(); }
  Member& member(std::size_t index) { return *members_[index]; }

  /// Who says of himself that he is the master; of several the one of the latest epoch.
  std::optional<std::size_t> find_master();
  std::int64_t epoch_of(std::size_t index) const;
  /// One master, and everybody else has everything that it has.
  bool is_in_sync();
  /// What a supervisor does: who has ended is started again, and once more when it does not come up, as with a full
  /// disk.
  void supervise();
  /// How a process ended that nobody had killed, unless it had lost its lease or could not start; empty: none did.
  const std::string& wrong_end() const noexcept { return wrong_end_; }
  /// Why a broker did not come up last.
  const std::string& why_not_up() const noexcept { return why_not_up_; }
  void kill_etcd();
  void kill_name_server();
  /// The name server says of everybody what he is: 0 is the master, and nobody is missing.
  bool is_in_route();
  /// All links are well, all processes run.
  void heal();
  /// Copies the directories of the brokers to where they stay, and says where.
  void keep(const std::string& label) const;
  /// Waits for something, a minute; whoever ends meanwhile is started again.
  template <class Reached>
  bool wait_for(Reached reached) {
    return e2e::becomes_true([&] {
      supervise();
      return reached();
    });
  }

 private:
  void start_member(const ClusterSettings& settings, int id);
  void note_end(Member& member);
  void note(std::string wrong_end);

  e2e::BrokerProcess name_server_{{.config = e2e::kNameServer}};
  e2e::EtcdProcess etcd_;
  std::string why_not_up_, wrong_end_;
  bool etcd_lives_ = true, name_server_lives_ = true;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace tenon::fault
