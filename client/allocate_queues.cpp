// SPDX-License-Identifier: Apache-2.0
#include "client/allocate_queues.hpp"

#include <algorithm>

namespace tenon::client {

std::vector<MessageQueue> allocate_averagely(std::vector<MessageQueue> queues, std::vector<std::string> members,
                                             std::string_view client_id) {
  std::sort(queues.begin(), queues.end());
  std::sort(members.begin(), members.end());
  const auto found = std::find(members.begin(), members.end(), client_id);
  if (found == members.end()) return {};
  const auto index = static_cast<std::size_t>(found - members.begin());
  const std::size_t rest = queues.size() % members.size(), each = queues.size() / members.size();
  const std::size_t begin = std::min(index * each + std::min(index, rest), queues.size());
  const std::size_t count = each + (index < rest ? 1 : 0);
  const auto first = queues.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(count, queues.size() - begin))};
}

}  // namespace tenon::client
