// SPDX-License-Identifier: Apache-2.0
#include "tenon/system_topic.hpp"

namespace tenon {

void SystemTopic::appended(const Message&, const AppendReceipt&) noexcept {}

}  // namespace tenon
