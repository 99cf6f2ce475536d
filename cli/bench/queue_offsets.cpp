// SPDX-License-Identifier: Apache-2.0
#include "bench/queue_offsets.hpp"

#include "bench/channel.hpp"
#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr int kGetMaxOffset = 30, kGetMinOffset = 31;

Result<std::int64_t> offset_of(Channel& channel, int code, const std::string& topic, int queue_id) {
  const auto answer = channel.call(queue_offset_frame(code, topic, queue_id, kFirstOpaque), 5000);
  if (!answer) return answer.error();
  const auto offset = answer->field("offset");
  if (answer->code == 0 && offset) return *offset;
  return Error(Errc::query_not_found,
               text("ask for the offsets of ", topic, "/", queue_id, ": code ", answer->code, " ", answer->remark()));
}

}  // namespace

Result<std::vector<QueueRange>> queue_ranges(const Options& options) {
  auto channel = Channel::open(options.broker);
  if (!channel) return channel.error();
  std::vector<QueueRange> ranges;
  for (int queue = 0; queue < options.queues; ++queue) {
    const auto newest = offset_of(*channel, kGetMaxOffset, options.shape.topic, queue);
    if (!newest) return newest.error();
    const auto oldest = offset_of(*channel, kGetMinOffset, options.shape.topic, queue);
    if (!oldest) return oldest.error();
    ranges.push_back({queue, *oldest, *newest});
  }
  return ranges;
}

}  // namespace tenon::bench
