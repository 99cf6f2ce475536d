// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster_clients.hpp"
#include "cluster_reader.hpp"

namespace tenon::fault {

using Clients = std::vector<std::unique_ptr<ClusterClient>>;

/// Reads every queue at one broker against what its client knows. Empty: every acknowledged message is there once, in
/// order, as it was sent, and nothing that was never sent.
/// `reader`, if given: what it was handed out is there, too.
/// `may_be_lost`: asked about an acknowledged message that is not there; true takes it as a loss that was announced.
std::string judge_log(const HostAddress& broker, Clients& clients, const ClusterReader* reader,
                      const std::function<bool(const Attempt&)>& may_be_lost);

/// Whether two brokers were the master at a time. A process of a broker is it at least from its first acknowledgement
/// until the last message that it acknowledged was sent. Empty: never two.
std::string judge_masters(Clients& clients);

/// The longest time in which nobody was acknowledged anything, between two moments.
std::chrono::milliseconds longest_silence(Clients& clients, Moment from, Moment to);

}  // namespace tenon::fault
