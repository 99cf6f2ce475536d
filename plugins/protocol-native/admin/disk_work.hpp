// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {

/// Runs `work(services)` on the disk executor and answers with what it returns. For requests that look at many records,
/// any of which may have to come from the disk, or that change a file.
/// `work` keeps copies of what it needs of the request. A Failure is answered with its mapped code, anything else
/// with 1. While a connection has much of it under way, its further requests wait.
template <class Work>
void answer_from_disk(Request& request, Work work) {
  request.connection()->begin_disk_work();
  auto task = [answer = request.defer(), connection = request.connection(), &services = request.services(),
               work = std::move(work)]() mutable {
    try {
      answer(work(services));
    } catch (const Failure& failure) {
      answer.error(failure.error());
    } catch (const std::exception& failure) {
      answer.error(Error(Errc::internal, failure.what()));
    } catch (...) {
      answer.error(Error(Errc::internal, "internal error"));
    }
    boost::asio::post(connection->executor(), [connection] { connection->end_disk_work(); });
  };
  boost::asio::post(request.services().host->executor(ExecutorRole::disk), std::move(task));
}

/// Success with a body.
inline Answer answer_with_body(std::string body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace tenon::protocol_native
