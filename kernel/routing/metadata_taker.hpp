// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "routing/group_table.hpp"
#include "routing/offset_table.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_table.hpp"
#include "tenon/metadata_copy.hpp"

namespace tenon::kernel {

/// The tables of a slave, filled with what its master says. Threads: any.
class MetadataTaker final : public MetadataCopy {
 public:
  MetadataTaker(const RoleKeeper& role, TopicTable& topics, GroupTable& groups, OffsetTable& offsets)
      : role_(role), topics_(topics), groups_(groups), offsets_(offsets) {}

  Status take_topics(std::vector<TopicConfig> topics, const DataVersion& version, const CoveredLog& covered) override {
    return role_.while_slave([&] { return topics_.take(std::move(topics), version, covered); });
  }
  std::optional<CoveredLog> covered_log() const override { return topics_.covered_log(); }
  void set_log_end(std::function<CoveredLog()> log_end) override { topics_.set_log_end(std::move(log_end)); }
  Status take_groups(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version) override {
    return role_.while_slave([&] { return groups_.take(std::move(groups), version); });
  }
  Status take_offsets(std::vector<GroupOffsets> offsets) override {
    return role_.while_slave([&] { return offsets_.take(offsets); });
  }

 private:
  const RoleKeeper& role_;
  TopicTable& topics_;
  GroupTable& groups_;
  OffsetTable& offsets_;
};

}  // namespace tenon::kernel
