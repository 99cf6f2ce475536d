// SPDX-License-Identifier: Apache-2.0
#include "ha/epoch_file.hpp"

#include "state_file/state_file.hpp"

namespace tenon::ha {

Status EpochFile::load() {
  const auto content = state_file::read_or_backup(file_);
  if (!content) return content.error();
  auto history = replication::EpochHistory::from_text(*content);
  if (!history) return Error(history.error().code(), text(file_.string(), ": ", history.error().message()));
  set(std::move(*history));
  return {};
}

Status EpochFile::replace(replication::EpochHistory history) {
  if (history.entries() == history_.entries()) return {};
  if (Status written = state_file::replace(file_, history.to_text()); !written) return written;
  set(std::move(history));
  return {};
}

void EpochFile::set(replication::EpochHistory history) {
  const std::scoped_lock lock(mutex_);
  history_ = std::move(history);
}

replication::EpochHistory EpochFile::snapshot() const {
  const std::scoped_lock lock(mutex_);
  return history_;
}

}  // namespace tenon::ha
