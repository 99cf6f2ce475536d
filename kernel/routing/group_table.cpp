// SPDX-License-Identifier: Apache-2.0
#include "routing/group_table.hpp"

#include <algorithm>
#include <mutex>

#include "routing/data_version.hpp"
#include "routing/light_queues.hpp"
#include "routing/system_names.hpp"

namespace tenon::kernel {

GroupTable::GroupTable(const BrokerConfig& config, const RoleKeeper& role, WallClock now, ConsumerOffsets& offsets,
                       Logger log)
    : config_(config), role_(role), now_(std::move(now)), offsets_(offsets), log_(log) {
  for (SubscriptionGroupConfig& group : built_in_groups()) {
    auto shared = std::make_shared<SubscriptionGroupConfig>(std::move(group));
    groups_[shared->name] = shared;
  }
  version_.timestamp_ms = now_();
}

GroupTable::~GroupTable() {
  if (file_) file_->close();
}

Status GroupTable::load(const std::filesystem::path& directory, boost::asio::any_io_executor disk) {
  const auto take = [this](std::string_view content) -> Status {
    Result<GroupsFile> decoded = decode_groups(content);
    if (!decoded) return decoded.error();
    const std::scoped_lock lock(mutex_);
    for (const auto& group : decoded->groups) groups_[group->name] = group;
    version_ = decoded->version;
    forbidden_ = std::move(decoded->forbidden);
    return {};
  };
  Result<BackgroundFile::Opened> opened = BackgroundFile::open(
      directory / "subscriptionGroup.json", std::move(disk), take, [this] { return encode(); }, log_);
  if (!opened) return opened.error();
  file_ = std::move(opened->file);
  return {};
}

void GroupTable::stop() noexcept {
  if (file_) file_->finish();
}

std::string GroupTable::encode() const {
  GroupsFile file;
  file.version = version();  // first: never newer than what it stands for
  file.groups = list();
  const std::shared_lock lock(mutex_);
  file.forbidden = forbidden_;
  return encode_groups(file);
}

std::shared_ptr<const SubscriptionGroupConfig> GroupTable::find(std::string_view group) const {
  const std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found != groups_.end()) return found->second;
  if (!config_.light_queues || !is_light(group)) return nullptr;
  return std::make_shared<SubscriptionGroupConfig>(light_group(group));
}

bool GroupTable::may_create(std::string_view group) const {
  const bool allowed = config_.auto_create_subscription_group || group.starts_with(kSystemGroupPrefix);
  return allowed && validate_group_name(group).has_value();
}

std::shared_ptr<const SubscriptionGroupConfig> GroupTable::find_or_create(std::string_view group) {
  if (auto found = find(group)) return found;
  if (!may_create(group)) return nullptr;
  auto created = std::make_shared<SubscriptionGroupConfig>();
  created->name = group;
  if (role_.broker_id() != 0) return created;  // Its master makes it; until then it is as good as there.
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = groups_.find(group); found != groups_.end()) return found->second;
    if (groups_.size() >= static_cast<std::size_t>(config_.groups_max)) {
      if (refused_) refused_();
      return nullptr;
    }
    groups_[created->name] = created;
    advance(version_, now_());
  }
  log_.info("created consumer group ", group);
  if (file_) file_->write();
  return created;
}

Status GroupTable::take(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version) {
  NameMap<std::shared_ptr<const SubscriptionGroupConfig>> fresh;
  for (SubscriptionGroupConfig& group : built_in_groups()) {
    auto shared = std::make_shared<SubscriptionGroupConfig>(std::move(group));
    fresh[shared->name] = std::move(shared);
  }
  for (SubscriptionGroupConfig& group : groups) {
    auto shared = std::make_shared<SubscriptionGroupConfig>(std::move(group));
    if (!shared->name.empty()) fresh[shared->name] = std::move(shared);
  }
  {
    const std::scoped_lock lock(mutex_);
    if (taken_ == version) return {};
    groups_.swap(fresh);
    version_ = version;
    taken_ = version;
  }
  log_.info("took ", groups.size(), " consumer groups over from the master");
  Status saved = file_ ? file_->write_here() : Status{};
  if (!saved) {
    const std::scoped_lock lock(mutex_);
    taken_.reset();  // to be tried again
  }
  return saved;
}

std::vector<std::shared_ptr<const SubscriptionGroupConfig>> GroupTable::list() const {
  std::vector<std::shared_ptr<const SubscriptionGroupConfig>> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, group] : groups_) all.push_back(group);
  }
  std::ranges::sort(all, {}, [](const auto& group) -> const std::string& { return group->name; });
  return all;
}

DataVersion GroupTable::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

Status GroupTable::put(SubscriptionGroupConfig config) {
  if (Status master = role_.check_master(); !master) return master;
  if (config_.light_queues && is_light(config.name)) return {};
  if (Status valid = validate_group_name(config.name); !valid) return valid;
  auto shared = std::make_shared<SubscriptionGroupConfig>(std::move(config));
  {
    const std::scoped_lock lock(mutex_);
    groups_[shared->name] = shared;
    advance(version_, now_());
  }
  log_.info("consumer group ", shared->name, " set");
  return file_ ? file_->write_here() : Status{};
}

Status GroupTable::remove(std::string_view group, bool clean_offsets) {
  if (Status master = role_.check_master(); !master) return master;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = groups_.find(group); found != groups_.end()) {
      groups_.erase(found);
      advance(version_, now_());
      log_.info("deleted consumer group ", group);
    }
  }
  if (clean_offsets) offsets_.remove_group(group);
  return file_ ? file_->write_here() : Status{};
}

}  // namespace tenon::kernel
