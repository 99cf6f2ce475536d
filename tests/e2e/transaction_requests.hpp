// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "protocol-native/testing/raw_client.hpp"

namespace tenon::e2e {

/// kStandalone with a transaction plug-in that asks after a fifth of a second.
extern const char* const kWithTransactions;

/// A half message, as its producer knows it.
struct Half {
  std::int64_t queue_offset = -1;
  std::int64_t physical_offset = -1;
  int code = -1;  ///< Of the answer; 0 when it was stored.
  std::string remark;
};
inline constexpr int kCommit = 8, kRollback = 12;

/// Sends a prepared message of `group` to queue 0 of the topic; its UNIQ_KEY is the body.
Half prepare(protocol_native::RawClient& client, std::string_view topic, std::string_view body,
             std::string_view group = "producers", std::string_view extra_properties = {});
/// END_TRANSACTION as a request, so that it is answered.
protocol_native::ReceivedFrame end_transaction(protocol_native::RawClient& client, const Half& half, int decision,
                                               std::string_view group = "producers", bool from_check = false);
void register_producer(protocol_native::RawClient& client, std::string_view group = "producers");

/// A CHECK_TRANSACTION_STATE that came.
struct Check {
  Half half;
  std::string topic, body, unique_key;
};
/// The next one; others that come before are thrown away.
std::optional<Check> next_check(protocol_native::RawClient& client,
                                std::chrono::milliseconds timeout = std::chrono::seconds(10));

/// Answers checks until `count` different transactions were asked about and have ended; each key's decision is given by
/// `decide`. Returns their keys; fewer than `count` when no check came for ten seconds. (On a slow machine the broker
/// may ask again before it has heard the answer.)
std::set<std::string> answer_checks(protocol_native::RawClient& client, std::size_t count,
                                    const std::function<int(const std::string& key)>& decide,
                                    std::string_view group = "producers");

}  // namespace tenon::e2e
