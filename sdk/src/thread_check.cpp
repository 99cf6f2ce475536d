// SPDX-License-Identifier: Apache-2.0
#include "tenon/thread_check.hpp"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <cstdio>
#include <cstdlib>

namespace tenon {
namespace {

namespace asio = boost::asio;

using Context = asio::io_context::executor_type;

}  // namespace

bool runs_on(const asio::any_io_executor& executor) noexcept {
  if (const auto* context = executor.target<Context>()) return context->running_in_this_thread();
  if (const auto* strand = executor.target<asio::strand<Context>>()) return strand->running_in_this_thread();
  if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>())
    return strand->running_in_this_thread();
  return true;
}

void assert_runs_on(const asio::any_io_executor& executor, const char* file, int line, const char* function) noexcept {
  if (runs_on(executor)) return;
  char thread[16] = "?";
  pthread_getname_np(pthread_self(), thread, sizeof(thread));
  std::fprintf(stderr, "%s:%d: %s was called on thread '%s', which does not run the executor it belongs to\n", file,
               line, function, thread);
  std::abort();
}

}  // namespace tenon
