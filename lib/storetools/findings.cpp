// SPDX-License-Identifier: Apache-2.0
#include "storetools/findings.hpp"

#include "tenon/text.hpp"

namespace tenon::storetools {

void Findings::add(std::string_view kind, Finding finding) {
  ++(finding.severity == Severity::damage ? damages_ : notes_);
  const auto key = std::pair(std::string(kind), finding.file.parent_path().string());
  if (++seen_[key] <= kPassedOn) sink_(finding);
}

void Findings::finish() {
  for (const auto& [key, count] : seen_) {
    if (count > kPassedOn)
      sink_(
          {Severity::note, key.second, -1, text(count - kPassedOn, " more of: ", key.first, " (", count, " in all)")});
  }
  seen_.clear();
}

}  // namespace tenon::storetools
