// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "tenon/export.hpp"

/// To be the first line of a function that only one executor may run. In a build without NDEBUG, a call from elsewhere
/// ends the process with a sentence that names the thread and the place. Costs nothing in a release.
#ifdef NDEBUG
#define TENON_ASSERT_ON(executor) static_cast<void>(0)
#else
#define TENON_ASSERT_ON(executor) ::tenon::assert_runs_on((executor), __FILE__, __LINE__, __func__)
#endif

namespace tenon {

/// Whether the calling thread is running `executor`'s work at the moment. True also for an executor of a kind that
/// cannot tell. Threads: any.
TENON_EXPORT bool runs_on(const boost::asio::any_io_executor& executor) noexcept;

/// What TENON_ASSERT_ON does.
TENON_EXPORT void assert_runs_on(const boost::asio::any_io_executor& executor, const char* file, int line,
                                 const char* function) noexcept;

}  // namespace tenon
