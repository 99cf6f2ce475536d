// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_keys.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/src.hpp>

#include "tenon/text.hpp"

namespace tenon::election_etcd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kAnswerBytesMax = 1024 * 1024;

/// One request and its answer on a connection of its own. All of it runs inside run().
class Exchange {
 public:
  Exchange(const std::string& endpoint, const std::string& path, const std::string& body)
      : resolver_(io_), stream_(io_), endpoint_(endpoint) {
    request_.version(11);
    request_.method(http::verb::post);
    request_.target(path);
    request_.set(http::field::host, endpoint);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::connection, "close");
    request_.body() = body;
    request_.prepare_payload();
    answer_.body_limit(kAnswerBytesMax);
  }

  Result<std::string> run(std::chrono::milliseconds timeout) {
    const std::size_t colon = endpoint_.rfind(':');
    resolver_.async_resolve(
        endpoint_.substr(0, colon), endpoint_.substr(colon + 1), [this](const ErrorCode& failed, const auto& found) {
          if (failed) return end(failed);
          stream_.async_connect(found,
                                [this](const ErrorCode& refused, const auto&) { refused ? end(refused) : write(); });
        });
    io_.run_for(timeout);
    if (!done_) return Error(Errc::timed_out, text(endpoint_, " did not answer in ", timeout.count(), " ms"));
    if (failed_) return Error(Errc::disconnected, text(endpoint_, ": ", failed_.message()));
    const auto& message = answer_.get();
    if (message.result() == http::status::ok) return message.body();
    return Error(meaning_of(message.result()),
                 text(endpoint_, " answered ", message.result_int(), ": ", message.body().substr(0, 200)));
  }

 private:
  /// 404: the gateway says so when a lease is over. 5xx: this server cannot, as one that is cut off from the others.
  static Errc meaning_of(http::status status) {
    if (status == http::status::not_found) return Errc::query_not_found;
    return http::to_status_class(status) == http::status_class::server_error ? Errc::service_not_available
                                                                             : Errc::internal;
  }
  void write() {
    http::async_write(stream_, request_,
                      [this](const ErrorCode& failed, std::size_t) { failed ? end(failed) : read(); });
  }
  void read() {
    http::async_read(stream_, buffer_, answer_, [this](const ErrorCode& failed, std::size_t) { end(failed); });
  }
  void end(const ErrorCode& failed) {
    failed_ = failed;
    done_ = true;
  }

  asio::io_context io_;
  asio::ip::tcp::resolver resolver_;
  beast::tcp_stream stream_;
  const std::string endpoint_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> answer_;
  beast::flat_buffer buffer_;
  ErrorCode failed_;
  bool done_ = false;
};

}  // namespace

EtcdKeys::EtcdKeys(std::vector<std::string> endpoints, std::string directory, std::chrono::milliseconds ttl,
                   std::chrono::milliseconds timeout)
    : endpoints_(std::move(endpoints)), messages_(std::move(directory)), ttl_(ttl), timeout_(timeout) {}

Result<std::string> EtcdKeys::post_to(const std::string& endpoint, const std::string& path,
                                      const std::string& body) const {
  try {
    Exchange exchange(endpoint, path, body);
    return exchange.run(timeout_);
  } catch (const std::exception& failure) {  // no descriptor, no thread for the resolver
    return Error(Errc::disconnected, text(endpoint, ": ", failure.what()));
  }
}

Result<std::string> EtcdKeys::post(const std::string& path, const std::string& body) {
  Result<std::string> last = Error(Errc::disconnected, "no endpoint");
  for (std::size_t tried = 0; tried < endpoints_.size(); ++tried) {
    last = post_to(endpoints_[good_], path, body);
    const bool answered = last || last.error().is(Errc::query_not_found) || last.error().is(Errc::internal);
    if (answered) break;
    good_ = (good_ + 1) % endpoints_.size();
  }
  return last;
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
