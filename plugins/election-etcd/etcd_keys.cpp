// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_keys.hpp"

#include "tenon/text.hpp"

namespace tenon::election_etcd {

EtcdKeys::EtcdKeys(EtcdAccess access, std::string directory, std::chrono::milliseconds ttl,
                   std::chrono::milliseconds timeout)
    : access_(std::move(access)), messages_(std::move(directory)), ttl_(ttl), timeout_(timeout) {}

Result<std::string> EtcdKeys::post_to(const Endpoint& endpoint, const std::string& path, const std::string& body) {
  if (endpoint.tls && !tls_) {
    const auto made = make_tls(access_.tls);
    if (!made) return Error(Errc::disconnected, made.error().message());
    tls_ = *made;
  }
  auto answer = exchange(endpoint, {path, body, token_}, tls_, timeout_);
  if (!answer && answer.error().is(Errc::disconnected)) tls_.reset();  // the files are read again: they may be new ones
  return answer;
}

Result<std::string> EtcdKeys::post_anywhere(const std::string& path, const std::string& body) {
  Result<std::string> last = Error(Errc::disconnected, "no endpoint");
  for (std::size_t tried = 0; tried < access_.endpoints.size(); ++tried) {
    last = post_to(access_.endpoints[good_], path, body);
    const bool is_silent = !last && (last.error().is(Errc::disconnected) || last.error().is(Errc::timed_out) ||
                                     last.error().is(Errc::service_not_available));
    if (!is_silent) break;
    good_ = (good_ + 1) % access_.endpoints.size();
  }
  return last;
}

/// A token for the user. An etcd that has no users yet needs none: so brokers can be told theirs before.
Status EtcdKeys::log_in() {
  token_.clear();
  const auto answer = post_anywhere("/v3/auth/authenticate", EtcdMessages::log_in(access_.username, access_.password));
  is_logged_in_ = answer || answer.error().is(Errc::not_supported);
  if (!answer) return is_logged_in_ ? Status{} : Status(answer.error());
  auto token = EtcdMessages::token_in(*answer);
  if (!token) return token.error();
  token_ = *std::move(token);
  return {};
}

/// A token ends some minutes after its last use, and with the etcd server that gave it.
Result<std::string> EtcdKeys::post(const std::string& path, const std::string& body) {
  if (access_.username.empty()) return post_anywhere(path, body);
  if (!is_logged_in_) {
    if (const Status known = log_in(); !known) return known.error();
  }
  Result<std::string> answer = post_anywhere(path, body);
  if (answer || !answer.error().is(Errc::no_permission)) return answer;
  if (const Status known = log_in(); !known) return known.error();
  return post_anywhere(path, body);
}

Result<Seen> EtcdKeys::read() {
  const auto answer = post("/v3/kv/range", messages_.read_all());
  if (!answer) return answer.error();
  return messages_.seen_in(*answer);
}

Result<std::int64_t> EtcdKeys::grant_lease() {
  const auto answer = post("/v3/lease/grant", messages_.grant(ttl_));
  if (!answer) return answer.error();
  return EtcdMessages::granted_in(*answer);
}

Status EtcdKeys::keep_alive(std::int64_t lease) {
  const auto answer = post("/v3/lease/keepalive", messages_.lease(lease));
  if (!answer) return answer.error();
  return EtcdMessages::kept_in(*answer);
}

void EtcdKeys::revoke(std::int64_t lease) {
  // If it does not arrive, the lease ends by itself.
  (void)post("/v3/lease/revoke", messages_.lease(lease));
}

Status EtcdKeys::report(std::int64_t lease, const Report& report) {
  const auto answer = post("/v3/kv/put", messages_.put_report(lease, report));
  return answer ? Status{} : Status(answer.error());
}

Status EtcdKeys::note_confirmed(std::int64_t broker_id, std::int64_t confirmed) {
  const auto answer = post("/v3/kv/txn", messages_.note_confirmed(broker_id, confirmed));
  return answer ? Status{} : Status(answer.error());
}

Result<bool> EtcdKeys::campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen, std::int64_t term) {
  const auto answer = post("/v3/kv/txn", messages_.campaign(lease, broker_id, seen, term));
  if (!answer) return answer.error();
  return EtcdMessages::won_in(*answer);
}

}  // namespace tenon::election_etcd
