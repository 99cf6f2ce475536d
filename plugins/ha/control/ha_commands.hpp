// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

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
/// only says what the checks find. Answers `{"promoted":...,"epoch":...,"checks":[...]}`.
/// Error: illegal_operation on a broker that is the master already.
class PromoteCommand final : public AdminCommand {
 public:
  void wire(const HaCommandParts& parts) { parts_ = parts; }
  Result<std::string> run(std::string_view arguments) override;

 private:
  HaCommandParts parts_;
};

}  // namespace tenon::ha
