// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

struct TransactionOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::string broker_address;  ///< Empty: all masters for the list, the address in the id otherwise.
  std::string id;
  std::size_t limit = 100;
  bool given_up = false;
  std::string format = "table";
};

/// What the transaction commands do; results go to standard output. Errors: tenon::Failure.
ExitCode list_transactions(const TransactionOptions& options);
ExitCode resume_transaction(const TransactionOptions& options);
ExitCode discard_transaction(const TransactionOptions& options);

}  // namespace tenon::cli
