// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/checked_section.hpp"

namespace tenon::kernel {

/// What a reload found changed in one section, as "plugins.store.flush".
struct SectionChange {
  std::vector<std::string> live;     ///< Taken over.
  std::vector<std::string> restart;  ///< Told to the user; takes effect at the next start.
};

/// The section that is in force after a reload: `running` with those values of `fresh` whose keys are live.
/// Both were checked against the same keys.
CheckedSection take_over_live(const CheckedSection& running, const CheckedSection& fresh, SectionChange& change);

}  // namespace tenon::kernel
