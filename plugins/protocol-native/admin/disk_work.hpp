// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {

/// Who asked, and is answered later.
struct Asker {
  explicit Asker(Request& request)
      : connection(request.connection()), services(request.services()), answer(request.defer()) {}

  std::shared_ptr<Connection> connection;
  const BrokerServices& services;
  DeferredAnswer answer;
};

/// Runs `work(services, answer)`, which sees to the answer, on the disk executor. For requests that look at many
/// records, any of which may have to come from the disk, or that change a file. On the connection's thread.
/// `work` keeps copies of what it needs of the request. A Failure is answered with its mapped code, anything else
/// with 1. While a connection has much of it under way, its further requests wait.
template <class Work>
void work_on_disk(const Asker& asker, Work work) {
  asker.connection->begin_disk_work();
  auto task = [asker, work = std::move(work)]() mutable {
    const auto& [connection, services, answer] = asker;
    try {
      work(services, answer);
    } catch (const Failure& failure) {
      answer.error(failure.error());
    } catch (const std::exception& failure) {
      answer.error(Error(Errc::internal, failure.what()));
    } catch (...) {
      answer.error(Error(Errc::internal, "internal error"));
    }
    boost::asio::post(connection->executor(), [connection = connection] { connection->end_disk_work(); });
  };
  boost::asio::post(asker.services.host->executor(ExecutorRole::disk), std::move(task));
}

/// The same where `work(services)` returns the answer.
template <class Work>
void answer_from_disk(const Asker& asker, Work work) {
  work_on_disk(asker, [work = std::move(work)](const BrokerServices& services, const DeferredAnswer& answer) mutable {
    answer(work(services));
  });
}
template <class Work>
void answer_from_disk(Request& request, Work work) {
  answer_from_disk(Asker(request), std::move(work));
}

/// Success with a body.
inline Answer answer_with_body(std::string body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace tenon::protocol_native
