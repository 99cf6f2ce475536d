// SPDX-License-Identifier: Apache-2.0
#include "timer_files.hpp"

#include <algorithm>

namespace tenon::delay {

Result<TimerFiles::Recovered> TimerFiles::recover(std::int64_t physical_max) {
  const auto progress = check_.open();
  if (!progress) return progress.error();
  Recovered recovered{*progress, -1};
  const std::int64_t first_slot = progress->last_read_time_ms / rules_.precision_ms;
  if (Status opened = wheel_.open(first_slot); !opened) return opened.error();
  // The wheel is complete up to the synced position; a margin of one file costs little.
  const std::int64_t from = wheel_.is_new() ? 0 : progress->last_log_flush_position - log_.file_size();
  Status noted;
  const auto visit = [&](std::int64_t position, const TimerUnit& unit) {
    if (unit.record_end() > physical_max) return false;
    recovered.last_physical_offset = unit.physical_offset;
    std::int64_t slot = rules_.slot_of(unit.out_ms());
    // After a step back of the clock it was noted for a slot behind its own.
    if (position >= progress->last_log_flush_position) slot = std::max(slot, first_slot);
    if (slot >= first_slot) noted = wheel_.note(slot, position, unit.deletes());
    return noted.has_value();
  };
  Status opened = log_.open(std::max<std::int64_t>(from, 0), visit);
  if (!noted) opened = noted;
  if (!opened) return opened.error();
  if (points_beyond_the_log()) {
    if (Status rebuilt = rebuild(physical_max, first_slot, progress->last_log_flush_position); !rebuilt)
      return rebuilt.error();
  }
  if (Status written = wheel_.commit(); !written) return written.error();
  return recovered;
}

bool TimerFiles::points_beyond_the_log() const {
  bool beyond = false;
  wheel_.for_each([&](const TimerWheel::Slot& slot) { beyond |= slot.last_pos >= log_.end(); });
  return beyond;
}

Status TimerFiles::rebuild(std::int64_t physical_max, std::int64_t first_slot, std::int64_t synced_end) {
  if (Status cleared = wheel_.clear(); !cleared) return cleared;
  for (std::int64_t position = log_.begin(); position < log_.end();) {
    const auto unit = log_.read(position);
    if (!unit) {  // The end of a file.
      position = (position / log_.file_size() + 1) * log_.file_size();
      continue;
    }
    std::int64_t slot = rules_.slot_of(unit->out_ms());
    if (position >= synced_end) slot = std::max(slot, first_slot);
    if (slot >= first_slot && unit->record_end() <= physical_max) {
      if (Status noted = wheel_.note(slot, position, unit->deletes()); !noted) return noted;
    }
    position += TimerUnit::kSize;
  }
  return {};
}

Result<std::int64_t> TimerFiles::add(std::int64_t slot, TimerUnit unit) {
  const auto previous = wheel_.add(slot, log_.next_position(), unit.deletes());
  if (!previous) return previous.error();
  unit.previous = *previous;
  return log_.append(unit);
}

Status TimerFiles::commit() {
  if (Status logged = log_.commit(); !logged) return logged;
  return wheel_.commit();
}

std::string TimerFiles::for_each_unit(std::int64_t number, const Visit& visit) const {
  const auto slot = wheel_.find(number);
  if (!slot) throw Failure(slot.error());
  if (!*slot) return {};
  for (std::int64_t position = (*slot)->last_pos; position >= log_.begin();) {
    const auto unit = log_.read(position);
    if (!unit && !unit.error().is(Errc::corrupt)) throw Failure(unit.error());
    if (!unit) return unit.error().message();
    if (unit->previous >= position) return text("the unit at ", position, " points forward");
    visit(position, *unit);
    position = unit->previous;
  }
  return {};
}

}  // namespace tenon::delay
