// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::protocol_mqtt {

class Engine;

/// Where an administrator asks, and where the answer comes: as in Mosquitto's plug-ins ("$CONTROL/<feature>/v1").
inline constexpr std::string_view kControlTopic = "$CONTROL/tenon/v1";
inline constexpr std::string_view kControlAnswerTopic = "$CONTROL/tenon/v1/response";

/// Answers one request of an administrator. Both are JSON:
///
///     {"command":"clients|sessions|subscriptions|retained", "after":"...", "limit":1000}
///         -> {"rows":[{...}], "next":"..."}    "next" is there when more follows: ask again with it as "after"
///     {"command":"kick", "client":"..."}       -> {"kicked":true|false}
///     anything else                            -> {"error":"..."}
///
/// A page is small enough for one turn of the thread: at most 1,000 rows. `after` is the last name seen, a client id
/// or, for retained messages, a topic. Threads: the engine's.
std::string administer(Engine& engine, std::string_view request);

}  // namespace tenon::protocol_mqtt
