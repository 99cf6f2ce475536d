// SPDX-License-Identifier: Apache-2.0
#include "routing/cold_read_pace.hpp"

#include <algorithm>
#include <iterator>

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

void ColdReadPace::park(WaitingPull pull) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(pull));
}

std::vector<WaitingPull> ColdReadPace::take_due(TimePoint now) {
  std::vector<WaitingPull> due;
  const std::scoped_lock lock(mutex_);
  if (!waiting_.empty() && next_at() <= now) {
    due.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    not_before_ = now + last_price_;
  }
  const auto late = std::stable_partition(waiting_.begin(), waiting_.end(),
                                          [now](const WaitingPull& pull) { return now < pull.deadline; });
  due.insert(due.end(), std::make_move_iterator(late), std::make_move_iterator(waiting_.end()));
  waiting_.erase(late, waiting_.end());
  return due;
}

std::vector<WaitingPull> ColdReadPace::take_all() {
  const std::scoped_lock lock(mutex_);
  std::vector<WaitingPull> all(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  return all;
}

std::optional<ColdReadPace::TimePoint> ColdReadPace::earliest() const {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  TimePoint first = next_at();
  for (const WaitingPull& pull : waiting_) first = std::min(first, pull.deadline);
  return first;
}

}  // namespace tenon::kernel
