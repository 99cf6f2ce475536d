// SPDX-License-Identifier: Apache-2.0
#include "routing/consumer_filters.hpp"

#include <algorithm>
#include <mutex>

#include "routing/bit_map_filter.hpp"
#include "routing/consumer_filters_json.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kNoFilter = "The broker's consumer filter data is not exist!Your expression may be wrong!";
/// A restarted broker takes it that members were there until this long ago.
constexpr std::int64_t kAliveBeforeStartMs = 30'000;

BloomFilter default_bloom() {
  return BloomFilter::make(BloomFilter::kErrorRatePercent, BloomFilter::kExpectedKeys).value();
}

bool is_same_filter(const ConsumerFilter& filter, const Subscription& subscription) {
  return filter.filter && filter.expression == subscription.expression &&
         filter.expression_type == subscription.expression_type;
}

}  // namespace

ConsumerFilters::ConsumerFilters(const FilterCompilers& compilers, WallClock now, Logger log)
    : compilers_(compilers), now_(std::move(now)), log_(log), bloom_(default_bloom()) {}

ConsumerFilters::~ConsumerFilters() {
  if (file_) file_->close();
}

std::string ConsumerFilters::key_of(std::string_view group, std::string_view topic) const {
  return text(group, "#", topic);
}

Status ConsumerFilters::load(const std::filesystem::path& directory, boost::asio::any_io_executor disk) {
  const auto take_all = [this](std::string_view content) -> Status {
    Result<std::vector<ConsumerFilter>> decoded = decode_consumer_filters(content);
    if (!decoded) return decoded.error();
    const bool foreign_maps = std::ranges::any_of(*decoded, [&](const ConsumerFilter& filter) {
      return filter.bloom != bloom_.positions(key_of(filter.group, filter.topic));
    });
    if (foreign_maps) {
      log_.warn("consumer filters are forgotten: their bit maps were made with other Bloom filter parameters");
      return {};
    }
    const std::scoped_lock lock(mutex_);
    for (ConsumerFilter& filter : *decoded) take(std::move(filter));
    return {};
  };
  Result<BackgroundFile::Opened> opened = BackgroundFile::open(
      directory / "consumerFilter.json", std::move(disk), take_all, [this] { return encode(); }, log_);
  if (!opened) return opened.error();
  file_ = std::move(opened->file);
  return {};
}

void ConsumerFilters::take(ConsumerFilter loaded) {
  const Result<FilterPtr> compiled = compilers_.compile(loaded.expression_type, loaded.expression);
  if (!compiled) log_.warn("filter of group ", loaded.group, " on ", loaded.topic, ": ", compiled.error().message());
  if (compiled) loaded.filter = std::make_shared<BitMapFilter>(*compiled, loaded.bloom, loaded.born_time_ms);
  if (!loaded.is_dead()) loaded.dead_time_ms = std::max(loaded.born_time_ms, now_() - kAliveBeforeStartMs);
  Slot& slot = by_topic_[loaded.topic][loaded.group];
  topics_of_group_[loaded.group].insert(loaded.topic);
  if (!compiled) slot.rejected = compiled.error();
  put(slot, std::make_shared<ConsumerFilter>(std::move(loaded)));
}

void ConsumerFilters::stop() noexcept {
  if (file_) file_->finish();
}

void ConsumerFilters::tick() {
  remove_long_dead();
  if (!file_ || !dirty_.exchange(false)) return;
  file_->write([this](const Status& status) {
    if (!status) dirty_.store(true);
  });
}

std::string ConsumerFilters::encode() const {
  std::vector<ConsumerFilterPtr> filters;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [topic, slots] : by_topic_) {
      for (const auto& [group, slot] : slots) {
        if (slot.filter) filters.push_back(slot.filter);
      }
    }
  }
  return encode_consumer_filters(std::move(filters));
}

void ConsumerFilters::put(Slot& slot, ConsumerFilterPtr filter) {
  if (slot.filter) expression_bytes_ -= kFilterBytes + slot.filter->expression.size();
  if (filter) expression_bytes_ += kFilterBytes + filter->expression.size();
  slot.filter = std::move(filter);
  dirty_.store(true, std::memory_order_relaxed);
}

Result<ConsumerFilterPtr> ConsumerFilters::build(std::string_view group, const Subscription& subscription) const {
  const Slot& slot = by_topic_.find(subscription.topic)->second.find(group)->second;
  const std::size_t replaced = slot.filter ? kFilterBytes + slot.filter->expression.size() : 0;
  if (expression_bytes_ - replaced + kFilterBytes + subscription.expression.size() > kExpressionBytesMax) {
    return Error(Errc::busy, text("the filters of all groups have more than ", kExpressionBytesMax, " bytes"));
  }
  Result<FilterPtr> compiled = compilers_.compile(subscription.expression_type, subscription.expression);
  if (!compiled) return compiled.error();
  auto filter = std::make_shared<ConsumerFilter>();
  filter->topic = subscription.topic;
  filter->group = group;
  filter->expression = subscription.expression;
  filter->expression_type = subscription.expression_type;
  filter->client_version = subscription.version;
  filter->born_time_ms = now_();
  filter->bloom = bloom_.positions(key_of(group, subscription.topic));
  filter->filter = std::make_shared<BitMapFilter>(std::move(*compiled), filter->bloom, filter->born_time_ms);
  return ConsumerFilterPtr(std::move(filter));
}

void ConsumerFilters::register_one(std::string_view group, const Subscription& subscription) {
  Slot& slot = by_topic_[subscription.topic][std::string(group)];
  topics_of_group_[std::string(group)].insert(subscription.topic);
  if (const ConsumerFilterPtr known = slot.filter; known && known->filter) {
    if (subscription.version < known->client_version) return;
    const bool newer = subscription.version > known->client_version;
    if (!newer && !known->is_dead()) return;
    if (!newer || is_same_filter(*known, subscription)) {
      auto renewed = std::make_shared<ConsumerFilter>(*known);
      renewed->client_version = subscription.version;
      renewed->dead_time_ms = 0;
      return put(slot, std::move(renewed));
    }
  }
  Result<ConsumerFilterPtr> built = build(group, subscription);
  // Said once, not with every heartbeat.
  const bool news = !built && (!slot.rejected || slot.rejected->message() != built.error().message());
  if (news) log_.warn("group ", group, " subscribes ", subscription.topic, ": ", built.error().message());
  slot.rejected = built ? std::nullopt : std::optional(built.error());
  if (built || (slot.filter && slot.filter->filter)) put(slot, built ? *built : nullptr);
}

void ConsumerFilters::register_group(std::string_view group, const std::vector<Subscription>& subscriptions) {
  const std::scoped_lock lock(mutex_);
  std::set<std::string_view> listed;
  for (const Subscription& subscription : subscriptions) {
    if (is_tag_type(subscription.expression_type)) continue;
    listed.insert(subscription.topic);
    if (!subscription.expression.empty()) register_one(group, subscription);
  }
  bury(group, listed);
}

void ConsumerFilters::unregister_group(std::string_view group) {
  const std::scoped_lock lock(mutex_);
  bury(group, {});
}

void ConsumerFilters::bury(std::string_view group, const std::set<std::string_view>& still_listed) {
  const auto topics = topics_of_group_.find(group);
  if (topics == topics_of_group_.end()) return;
  std::erase_if(topics->second, [&](const std::string& topic) {
    if (still_listed.contains(topic)) return false;
    const auto of_topic = by_topic_.find(topic);
    const auto slot = of_topic->second.find(group);
    if (slot->second.filter && !slot->second.filter->is_dead()) {
      auto dead = std::make_shared<ConsumerFilter>(*slot->second.filter);
      dead->dead_time_ms = now_();
      put(slot->second, std::move(dead));
    }
    if (slot->second.filter) return false;
    of_topic->second.erase(slot);  // it only said why there is no filter
    if (of_topic->second.empty()) by_topic_.erase(of_topic);
    return true;
  });
  if (topics->second.empty()) topics_of_group_.erase(topics);
}

void ConsumerFilters::remove_long_dead() {
  const std::int64_t before_ms = now_() - kKeptDeadMs;
  const std::scoped_lock lock(mutex_);
  for (auto topic = by_topic_.begin(); topic != by_topic_.end();) {
    SlotsByGroup& slots = topic->second;
    for (auto slot = slots.begin(); slot != slots.end();) {
      const ConsumerFilterPtr filter = slot->second.filter;
      const bool expired = filter && filter->is_dead() && filter->dead_time_ms <= before_ms;
      if (expired) {
        put(slot->second, nullptr);
        forget_topic_of(slot->first, topic->first);
      }
      slot = expired ? slots.erase(slot) : std::next(slot);
    }
    topic = slots.empty() ? by_topic_.erase(topic) : std::next(topic);
  }
}

void ConsumerFilters::forget_topic_of(std::string_view group, const std::string& topic) {
  const auto topics = topics_of_group_.find(group);
  topics->second.erase(topic);
  if (topics->second.empty()) topics_of_group_.erase(topics);
}

Result<ConsumerFilterPtr> ConsumerFilters::find(std::string_view group, std::string_view topic) const {
  const std::shared_lock lock(mutex_);
  const auto of_topic = by_topic_.find(topic);
  if (of_topic == by_topic_.end()) return Error(Errc::filter_data_not_exist, std::string(kNoFilter));
  const auto slot = of_topic->second.find(group);
  if (slot == of_topic->second.end()) return Error(Errc::filter_data_not_exist, std::string(kNoFilter));
  const auto& [filter, rejected] = slot->second;
  if (filter && filter->filter) return filter;
  if (!rejected) return Error(Errc::filter_data_not_exist, std::string(kNoFilter));
  if (rejected->is(Errc::not_supported)) return *rejected;
  return Error(Errc::filter_data_not_exist, text(kNoFilter, " ", rejected->message()));
}

bool ConsumerFilters::calculate(std::string_view topic, const PropertiesView& properties,
                                std::span<std::byte> map) const {
  const std::shared_lock lock(mutex_);
  const auto of_topic = by_topic_.find(topic);
  if (of_topic == by_topic_.end()) return false;
  std::ranges::fill(map, std::byte{0});
  for (const auto& [group, slot] : of_topic->second) {
    if (!slot.filter) continue;
    // Whom nobody can ask now, because its plug-in is left out, will be asked when it reads the message.
    const FilterPtr& filter = slot.filter->filter;
    if (!filter || filter->match_properties(properties)) set_bits(map, slot.filter->bloom);
  }
  return true;
}

}  // namespace tenon::kernel
