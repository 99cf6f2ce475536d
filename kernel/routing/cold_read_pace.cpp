// SPDX-License-Identifier: Apache-2.0
#include "routing/cold_read_pace.hpp"

#include <algorithm>

namespace tenon::kernel {

void ColdReadPace::note(Consumption& consumption, const ReadResult& read, TimePoint now) {
  if (!is_limited()) return;
  if (read.status == ReadStatus::not_in_memory) return consumption.cold_bytes_left.store(kStretchBytes);
  if (read.total_bytes == 0 || consumption.cold_bytes_left.load() <= 0) return;
  consumption.cold_bytes_left.fetch_sub(read.total_bytes);
  const std::chrono::duration<double> price(static_cast<double>(read.total_bytes) /
                                            static_cast<double>(bytes_per_second_));
  const std::scoped_lock lock(mutex_);
  last_price_ = std::chrono::duration_cast<TimePoint::duration>(price);
  const TimePoint latest = now + std::max<TimePoint::duration>(kDebtMax, last_price_);
  paid_at_ = std::min(std::max(paid_at_, now - kCredit) + last_price_, latest);
}

bool ColdReadPace::must_wait(const Consumption& consumption, TimePoint now) const {
  if (consumption.cold_bytes_left.load() <= 0) return false;
  const std::scoped_lock lock(mutex_);
  return now < next_at() || !waiting_.empty();
}

std::optional<WaitingPull> ColdReadPace::park(WaitingPull pull) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= waiting_max_) return pull;
  deadlines_.emplace(pull.deadline, ++last_id_);
  waiting_.emplace(last_id_, std::move(pull));
  return std::nullopt;
}

/// mutex_ held.
WaitingPull ColdReadPace::take(std::uint64_t id) {
  WaitingPull pull = std::move(waiting_.extract(id).mapped());
  deadlines_.erase({pull.deadline, id});
  return pull;
}

std::vector<WaitingPull> ColdReadPace::take_due(TimePoint now) {
  std::vector<WaitingPull> due;
  const std::scoped_lock lock(mutex_);
  while (!waiting_.empty() && next_at() <= now) {
    WaitingPull next = take(waiting_.begin()->first);
    if (next.completion.expired()) continue;
    due.push_back(std::move(next));
    not_before_ = now + last_price_;
    break;
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) due.push_back(take(deadlines_.begin()->second));
  return due;
}

std::vector<WaitingPull> ColdReadPace::take_all() {
  std::vector<WaitingPull> all;
  const std::scoped_lock lock(mutex_);
  while (!waiting_.empty()) all.push_back(take(waiting_.begin()->first));
  return all;
}

std::optional<ColdReadPace::TimePoint> ColdReadPace::earliest() const {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return std::min(next_at(), deadlines_.begin()->first);
}

}  // namespace tenon::kernel
