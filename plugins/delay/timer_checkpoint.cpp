// SPDX-License-Identifier: Apache-2.0
#include "timer_checkpoint.hpp"

#include <array>

#include "big_endian.hpp"

namespace tenon::delay {
namespace {

constexpr std::size_t kUsed = 56;

}  // namespace

Result<TimerProgress> TimerCheckpoint::open() {
  auto file = PositionedFile::open(path_, kFileSize);
  if (!file) return file.error();
  file_ = std::move(*file);
  std::array<std::byte, kUsed> bytes;
  if (Status read = file_->read(0, bytes); !read) return read.error();
  TimerProgress progress;
  std::size_t at = 0;
  for (std::int64_t* field :
       {&progress.last_read_time_ms, &progress.last_log_flush_position, &progress.last_queue_offset,
        &progress.master_queue_offset, &progress.version.state_version, &progress.version.timestamp_ms,
        &progress.version.counter}) {
    *field = load_big<std::int64_t>(bytes.data() + at);
    at += sizeof *field;
  }
  return progress;
}

Status TimerCheckpoint::write(const TimerProgress& progress) {
  std::array<std::byte, kUsed> bytes;
  std::size_t at = 0;
  for (const std::int64_t field :
       {progress.last_read_time_ms, progress.last_log_flush_position, progress.last_queue_offset,
        progress.master_queue_offset, progress.version.state_version, progress.version.timestamp_ms,
        progress.version.counter}) {
    store_big(bytes.data() + at, field);
    at += sizeof field;
  }
  if (Status written = file_->write(0, bytes); !written) return written;
  return file_->sync();
}

}  // namespace tenon::delay
