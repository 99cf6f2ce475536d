// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet.hpp"

#include <utility>

namespace tenon::bench {

Status Fleet::connect(const std::string& broker, int connections) {
  members_.reserve(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i) {
    auto channel = Channel::open(broker);
    if (!channel) return channel.error();
    poller_.add(channel->descriptor(), static_cast<std::uint32_t>(members_.size()));
    members_.push_back(Member{std::move(*channel)});
  }
  return {};
}

bool Fleet::flush(std::size_t index) {
  Member& member = members_[index];
  if (!member.channel.flush()) return false;
  if (member.channel.wants_write() != member.watching) {
    member.watching = !member.watching;
    poller_.watch_writing(member.channel.descriptor(), static_cast<std::uint32_t>(index), member.watching);
  }
  return true;
}

}  // namespace tenon::bench
