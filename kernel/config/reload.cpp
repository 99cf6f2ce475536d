// SPDX-License-Identifier: Apache-2.0
#include "config/reload.hpp"

namespace tenon::kernel {

CheckedSection take_over_live(const CheckedSection& running, const CheckedSection& fresh, SectionChange& change) {
  CheckedSection merged(running.name(), fresh.at());
  for (const CheckedSection::Member& member : running.members()) {
    const CheckedSection::Member* now = fresh.find(member.key->name);
    const bool is_live = member.key->reload == Reload::live;
    if (now != nullptr && now->value != member.value) {
      (is_live ? change.live : change.restart).push_back(text(running.name(), ".", member.key->name));
    }
    merged.add(now != nullptr && is_live ? *now : member);
  }
  return merged;
}

}  // namespace tenon::kernel
