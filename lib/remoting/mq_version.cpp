// SPDX-License-Identifier: Apache-2.0
#include "remoting/mq_version.hpp"

#include <array>
#include <string_view>

#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// The pre-releases of 3.0.0, which follow no rule.
constexpr std::array<std::string_view, 16> kFirst = {
    "V3_0_0_SNAPSHOT", "V3_0_0_ALPHA1",         "V3_0_0_BETA1", "V3_0_0_BETA2",
    "V3_0_0_BETA3",    "V3_0_0_BETA4",          "V3_0_0_BETA5", "V3_0_0_BETA6_SNAPSHOT",
    "V3_0_0_BETA6",    "V3_0_0_BETA7_SNAPSHOT", "V3_0_0_BETA7", "V3_0_0_BETA8_SNAPSHOT",
    "V3_0_0_BETA8",    "V3_0_0_BETA9_SNAPSHOT", "V3_0_0_BETA9", "V3_0_0_FINAL"};

/// Where the patch releases of one minor release of line 3 begin; each takes two ordinals.
struct Minor {
  std::int32_t first_ordinal;
  std::int32_t number;
  std::int32_t first_patch;
};
constexpr std::array<Minor, 10> kLine3 = {{{16, 0, 1},
                                           {46, 1, 0},
                                           {66, 2, 0},
                                           {86, 3, 1},
                                           {104, 4, 1},
                                           {122, 5, 1},
                                           {140, 6, 1},
                                           {158, 7, 1},
                                           {176, 8, 1},
                                           {194, 9, 1}}};
/// From 4.0.0 on there are ten minor releases of ten patches in each line.
constexpr std::int32_t kLine4 = 212;

std::string release(std::int32_t major, std::int32_t minor, std::int32_t patch, bool snapshot) {
  return text("V", major, "_", minor, "_", patch, snapshot ? "_SNAPSHOT" : "");
}

}  // namespace

std::string mq_version_name(std::int32_t version) {
  if (version >= mq_version::higher_version || version < 0) return "HIGHER_VERSION";
  if (version < static_cast<std::int32_t>(kFirst.size())) return std::string(kFirst[static_cast<std::size_t>(version)]);
  const bool snapshot = version % 2 == 0;
  if (version >= kLine4) {
    const std::int32_t minors = (version - kLine4) / 20;
    return release(4 + minors / 10, minors % 10, (version - kLine4) % 20 / 2, snapshot);
  }
  const Minor* minor = &kLine3.front();
  for (const Minor& candidate : kLine3) {
    if (candidate.first_ordinal <= version) minor = &candidate;
  }
  return release(3, minor->number, minor->first_patch + (version - minor->first_ordinal) / 2, snapshot);
}

}  // namespace tenon::remoting
