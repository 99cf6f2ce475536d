// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "tenon/admin_command.hpp"

namespace tenon::kernel {

/// Another master of the name of a broker that was promoted while it runs: both were, cut off from each other, and take
/// the place at the name servers from each other. Which of them is to go on is for a person to decide; this makes it
/// seen, and is asked as `broker.other-master`: `{"address":"host:port"}`, empty when there is none.
/// Threads: any.
class OtherMaster final : public AdminCommand {
 public:
  /// Told of each change, one at a time; empty: there is none any more.
  using Changed = std::function<void(const std::string& address)>;

  /// Before the first look.
  void on_changed(Changed changed) { changed_ = std::move(changed); }
  /// How often this broker looks in the time in which another one registers, which takes the place only once in it: who
  /// was not named for longer than that has gone. One that then comes back within `at_most` looks registers less often;
  /// so much longer it is waited for from then on. Before the first look.
  void set_looks_per_round(std::int64_t looks, std::int64_t at_most) {
    looks_per_round_ = looks;
    looks_at_most_ = at_most;
  }
  /// What a name server said when this broker looked; empty: it names this broker, or does not answer.
  void seen(const std::string& name_server, const std::string& address);
  std::string address() const;

  Result<std::string> run(std::string_view arguments) override;

 private:
  struct Said {
    std::string address;
    std::int64_t looks_since = 0;  ///< In which this one was not named.
    std::int64_t round = 0;        ///< The most in which it was not and came back.
  };
  bool is_there(const Said& said) const { return said.looks_since <= std::max(said.round, looks_per_round_); }
  void note(const std::string& name_server, const std::string& address);

  Changed changed_;
  std::mutex telling_;  ///< Outside of mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, Said> said_;  ///< By name server: the last other one that it named.
  std::int64_t looks_per_round_ = 1, looks_at_most_ = 1;
};

}  // namespace tenon::kernel
