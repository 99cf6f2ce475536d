// SPDX-License-Identifier: Apache-2.0
#include "routing/unsettled_topics.hpp"

namespace tenon::kernel {

void UnsettledTopics::when_settled(const TopicEntryPtr& entry, Done done) {
  {
    const std::scoped_lock lock(mutex_);
    if (!entry->settled.load(std::memory_order_acquire)) {
      waiting_.emplace_back(entry, std::move(done));
      return;
    }
  }
  done();
}

void UnsettledTopics::settled(const TopicEntryPtr& entry) {
  std::vector<Done> called;
  {
    const std::scoped_lock lock(mutex_);
    entry->settled.store(true, std::memory_order_release);
    for (auto& [waited_for, done] : waiting_) {
      if (waited_for == entry) called.push_back(std::move(done));
    }
    std::erase_if(waiting_, [&](const auto& pair) { return pair.first == entry; });
  }
  for (const Done& done : called) done();
}

}  // namespace tenon::kernel
