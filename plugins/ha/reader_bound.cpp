// SPDX-License-Identifier: Apache-2.0
#include "ha/reader_bound.hpp"

#include <algorithm>

namespace tenon::ha {

Status ReaderBound::open(Parts parts) {
  parts_ = std::move(parts);
  if (parts_.end == nullptr) return {};
  const PhysicalOffset kept = parts_.end->readable_end();
  if (!parts_.bounded)
    return kept == ReadableEnd::kUnbounded ? Status{} : parts_.end->set_readable_end(ReadableEnd::kUnbounded);
  if (kept != ReadableEnd::kUnbounded) return {};
  return parts_.end->set_readable_end(parts_.log->log_max());
}

void ReaderBound::raise(PhysicalOffset end) {
  if (parts_.end == nullptr || !parts_.bounded || end <= parts_.end->readable_end()) return;
  (void)parts_.end->set_readable_end(end);  // bounded before: nothing that can fail
}

void ReaderBound::watch(Time now, std::chrono::milliseconds patience, const std::function<std::string()>& why) {
  if (parts_.end == nullptr || !parts_.bounded) return;
  const PhysicalOffset end = parts_.end->readable_end();
  const bool moved = std::exchange(seen_, end) != end;
  if (moved || end >= parts_.log->log_max()) {
    moved_at_ = now;
    if (!waiting_because_.empty()) say({});
    return;
  }
  if (now - moved_at_ < patience) return;
  std::string reason = text("nothing from physical offset ", end, " on is handed out: ", why());
  if (reason != waiting_because_) say(std::move(reason));
}

void ReaderBound::say(std::string reason) {
  waiting_because_ = std::move(reason);
  parts_.report(waiting_because_);
}

PhysicalOffset ReaderBound::readable() const {
  const PhysicalOffset log_max = parts_.log->log_max();
  return parts_.end == nullptr ? log_max : std::min(parts_.end->readable_end(), log_max);
}

}  // namespace tenon::ha
