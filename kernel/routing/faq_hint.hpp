// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tenon::kernel {

/// How RocketMQ ends its remarks about topics and groups that are not there.
inline constexpr std::string_view kFaqHint =
    "\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.";

}  // namespace tenon::kernel
