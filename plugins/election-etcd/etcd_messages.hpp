// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "election-etcd/election.hpp"

namespace tenon::election_etcd {

/// The requests of etcd's JSON gateway (v3) and what is taken out of its answers; no I/O. Keys and values go as base64,
/// numbers of 64 bits as strings. Source: etcd documentation, "gRPC gateway"; etcd api/etcdserverpb/rpc.proto.
///
/// Layout under `<prefix>/<cluster>/<broker name>/`: `leader` (broker id; bound to the lease of the leader), `term`
/// (the last elected epoch; stays), `confirmed` (an offset; stays), `members/<broker id>` ("term epoch log_end", and
/// "drained" if it is; bound to the lease of that broker).
class EtcdMessages {
 public:
  /// `directory` ends with '/'.
  explicit EtcdMessages(std::string directory) : directory_(std::move(directory)) {}

  static std::string log_in(std::string_view username, std::string_view password);
  std::string read_all() const;
  std::string grant(std::chrono::milliseconds ttl) const;
  std::string lease(std::int64_t lease) const;  ///< For keepalive and revoke.
  std::string put_report(std::int64_t lease, const Report& report) const;
  std::string note_confirmed(std::int64_t broker_id, std::int64_t confirmed) const;
  std::string campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen, std::int64_t term) const;

  /// Errors: message_illegal.
  Result<Seen> seen_in(std::string_view answer) const;
  static Result<std::string> token_in(std::string_view answer);
  static Result<std::int64_t> granted_in(std::string_view answer);
  /// Error: query_not_found when the lease is over.
  static Status kept_in(std::string_view answer);
  static Result<bool> won_in(std::string_view answer);

 private:
  const std::string directory_;
};

}  // namespace tenon::election_etcd
