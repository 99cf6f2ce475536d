// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/descriptor_limit.hpp"

#include <sys/resource.h>

namespace tenon::kernel {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace tenon::kernel
