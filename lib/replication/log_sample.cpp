// SPDX-License-Identifier: Apache-2.0
#include "replication/log_sample.hpp"

#include <algorithm>

#include "record/crc32.hpp"

namespace tenon::replication {
namespace {

constexpr std::int64_t kSampleBytesMax = 64 * 1024;

Result<std::int32_t> crc_at(const LogTap& log, PhysicalOffset begin, std::int64_t size) {
  const auto stretch = log.read_log(begin, size, ReadForm::in_memory);
  if (!stretch) return stretch.error();
  if (stretch->length != size)
    return Error(Errc::query_not_found, text("the log has no ", size, " bytes at physical offset ", begin));
  return record::masked_crc32(std::get<MemorySlice>(stretch->bytes).bytes);
}

}  // namespace

Result<LogSample> take_sample(const LogTap& log, PhysicalOffset begin_min, PhysicalOffset end) {
  LogSample sample{std::min(end, log.log_max()), 0, 0};
  const std::int64_t last = sample.begin.value - 1;
  const std::int64_t first = std::max(begin_min, log.log_min()).value;
  if (last < first) return sample;
  const std::int64_t file_begin = last - last % log.log_file_size();
  const std::int64_t begin = std::max({file_begin, first, last + 1 - kSampleBytesMax});
  sample.size = static_cast<std::int32_t>(last + 1 - begin);
  sample.begin = {begin};
  const auto crc = crc_at(log, sample.begin, sample.size);
  if (!crc) return crc.error();
  sample.crc = *crc;
  return sample;
}

Status compare_sample(const LogTap& log, const LogSample& sample) {
  if (sample.size < 0 || sample.size > kSampleBytesMax)
    return Error(Errc::invalid_parameter, text("a sample of ", sample.size, " bytes"));
  const auto crc = crc_at(log, sample.begin, sample.size);
  if (!crc) return crc.error();
  if (*crc == sample.crc) return {};
  return Error(Errc::corrupt, text("the ", sample.size, " bytes at physical offset ", sample.begin,
                                   " are others here: the two logs have nothing to do with each other"));
}

}  // namespace tenon::replication
