// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "ha/control/promotion_checks.hpp"
#include "ha/metadata/metadata_sync.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/replication.hpp"

namespace tenon::ha {

/// What the commands look at. `metadata` is nullptr where none is taken.
struct HaCommandParts {
  const BrokerIdentity* identity = nullptr;
  BrokerRole* role = nullptr;
  const Replication* replication = nullptr;
  const MetadataSync* metadata = nullptr;
  std::function<std::string()> health = {};  ///< Of the whole process: an election, too, says there what it waits for.
};

/// `ha.status`: who this broker is, how far its replicas or its master are. Reading only.
class StatusCommand final : public AdminCommand {
 public:
  void wire(const HaCommandParts& parts) { parts_ = parts; }
  Result<std::string> run(std::string_view arguments) override;

 private:
  HaCommandParts parts_;
};

/// `ha.runtime-info`: the same as RocketMQ's HARuntimeInfo, for GET_BROKER_HA_STATUS.
class RuntimeInfoCommand final : public AdminCommand {
 public:
  void wire(const HaCommandParts& parts) { parts_ = parts; }
  Result<std::string> run(std::string_view arguments) override;

 private:
  HaCommandParts parts_;
};

/// `ha.promote`: makes this slave the master if the checks allow it, or with `{"force":true}`; with `{"check":true}` it
/// only says what the checks find. Answers `{"promoted":...,"epoch":...,"checks":[...]}`. What takes longer than
/// clients wait, as a look through much of the log, goes on: `"underWay":true` and the health state as `"state"`, and
/// whoever asks next waits on for the outcome. Error: illegal_operation on a broker that is the master already; what
/// the promotion ended with.
class PromoteCommand final : public AdminCommand {
 public:
  explicit PromoteCommand(std::chrono::milliseconds patience = std::chrono::seconds(2)) : patience_(patience) {}
  ~PromoteCommand() override { stop(); }
  void wire(const HaCommandParts& parts) { parts_ = parts; }
  Result<std::string> run(std::string_view arguments) override;
  /// Waits for a promotion that is under way; the end of the broker has ended it.
  void stop() noexcept;

 private:
  void begin();
  Result<std::string> outcome();

  const std::chrono::milliseconds patience_;
  HaCommandParts parts_;
  std::mutex mutex_;
  std::vector<PromotionCheck> checks_;           ///< Of promotion_.
  std::future<Result<std::int64_t>> promotion_;  ///< That is under way, if any.
};

}  // namespace tenon::ha
