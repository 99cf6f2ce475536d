// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::kernel {

/// The candidate that `word` was probably meant to be, or an empty view when none is close.
/// A swapped pair of letters counts as one change; "-" and "_" and case count as equal. When none is spelled alike: the
/// only one of which it is a whole word, as "native" of "protocol-native".
std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& candidates);

/// " (did you mean 'x'?)", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace tenon::kernel
