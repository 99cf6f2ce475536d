// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>

namespace tenon::kernel {

/// As context.run(), but where that would sleep it looks for work for up to `idle_poll` first, while that pays
/// (IdlePoll). Each time that there is none it gives its core to any other thread that could use it: so whoever is
/// waited for can run there, and a core that others want is not looked on for long. 0: context.run().
/// Threads: `context` is run by the calling one alone. Throws what a handler throws, and may be called again then.
void run_polling(boost::asio::io_context& context, std::chrono::microseconds idle_poll);

}  // namespace tenon::kernel
