// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/client_instance.hpp"
#include "exit_code.hpp"

namespace tenon::cli {

struct Master {
  std::string broker_name, address;
};

/// The masters that the name servers know; only that of `broker_name` unless it is empty. Never none: throws Failure
/// (query_not_found).
std::vector<Master> masters_of(client::ClientInstance& instance, const std::string& broker_name = {});

/// Asks one after the other. Who fails is named on standard error and keeps nobody from being asked; then it is a
/// failure all the same.
ExitCode ask_each(const std::vector<Master>& masters, const std::function<Status(const Master&)>& ask);

/// What a client needs to ask there.
client::ClientOptions client_of(const std::string& name_servers);

}  // namespace tenon::cli
