// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tenon::remoting {

/// Ordinals of RocketMQ's MQVersion.Version that behaviour depends on. Each release has a snapshot entry right before
/// it, so releases are two apart. Source: ../shared/reference/remoting-protocol.md 1.7.
namespace mq_version {
inline constexpr std::int32_t v3_0_7_snapshot = 28;   ///< From here on a client answers 220 and 221.
inline constexpr std::int32_t v3_0_11 = 37;           ///< From here on a broker registers with a body.
inline constexpr std::int32_t v3_1_8_snapshot = 62;   ///< From here on a client answers 307 and 309.
inline constexpr std::int32_t v3_4_9 = 121;           ///< From here on maxReconsumeTimes of a request is honoured.
inline constexpr std::int32_t v4_1_0_snapshot = 232;  ///< From here on a broker is known to filter by SQL92.
inline constexpr std::int32_t v4_9_0 = 393;
inline constexpr std::int32_t v4_9_4 = 401;  ///< From here on routes are strict JSON.
inline constexpr std::int32_t v4_9_7 = 407;
inline constexpr std::int32_t v5_0_0 = 413;  ///< From here on a compressed registration ends with queue mappings.
inline constexpr std::int32_t v5_3_1 = 475;  ///< Newer clients understand GO_AWAY.
inline constexpr std::int32_t v5_3_3 = 479;
inline constexpr std::int32_t v5_4_0 = 493;
inline constexpr std::int32_t higher_version = 612;  ///< Stands for all that is not known yet.

/// What Tenon says it is: the newest release whose recorded answers it is compared with.
inline constexpr std::int32_t ours = v5_4_0;
}  // namespace mq_version

/// "V5_4_0" for 493, "V5_3_4_SNAPSHOT" for the entry before a release, "HIGHER_VERSION" beyond the known ones.
std::string mq_version_name(std::int32_t version);

}  // namespace tenon::remoting
