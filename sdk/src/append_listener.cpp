// SPDX-License-Identifier: Apache-2.0
#include "tenon/append_listener.hpp"

namespace tenon {

void AppendListener::readable(std::string_view, std::int32_t, QueueOffset) noexcept {}

}  // namespace tenon
