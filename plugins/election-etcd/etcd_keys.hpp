// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "election-etcd/etcd_exchange.hpp"
#include "election-etcd/etcd_messages.hpp"

namespace tenon::election_etcd {

/// How etcd is reached.
struct EtcdAccess {
  std::vector<Endpoint> endpoints;
  TlsFiles tls;
  std::string username, password;  ///< No name: none is said.
};

/// The keys in a real etcd, over HTTP or HTTPS to its JSON gateway: one connection a request, the next endpoint when
/// one does not answer. Threads: one; calls wait at most `timeout` for each endpoint, and as long again when a user's
/// token must be renewed.
class EtcdKeys final : public Keys {
 public:
  EtcdKeys(EtcdAccess access, std::string directory, std::chrono::milliseconds ttl, std::chrono::milliseconds timeout);

  Result<Seen> read() override;
  Result<std::int64_t> grant_lease() override;
  Status keep_alive(std::int64_t lease) override;
  void revoke(std::int64_t lease) override;
  Status report(std::int64_t lease, const Report& report) override;
  Status note_confirmed(std::int64_t broker_id, std::int64_t confirmed) override;
  Result<bool> campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen, std::int64_t term) override;

 private:
  Result<std::string> post(const std::string& path, const std::string& body);
  Result<std::string> post_anywhere(const std::string& path, const std::string& body);
  Result<std::string> post_to(const Endpoint& endpoint, const std::string& path, const std::string& body);
  Status log_in();

  const EtcdAccess access_;
  const EtcdMessages messages_;
  const std::chrono::milliseconds ttl_, timeout_;
  std::size_t good_ = 0;  ///< The endpoint that answered last.
  TlsContext tls_;        ///< Made when it is needed.
  bool is_logged_in_ = false;
  std::string token_;
};

}  // namespace tenon::election_etcd
