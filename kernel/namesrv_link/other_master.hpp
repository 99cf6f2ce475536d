// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  /// What a name server said when this broker looked; empty: it names this broker, or does not answer.
  void seen(const std::string& name_server, const std::string& address);
  std::string address() const;

  Result<std::string> run(std::string_view arguments) override;

 private:
  Changed changed_;
  std::mutex telling_;  ///< Outside of mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, std::string> said_;  ///< By name server; only those that name another one.
};

}  // namespace tenon::kernel
