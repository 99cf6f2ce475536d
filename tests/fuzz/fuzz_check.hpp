// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

/// A property that must hold for every input; the fuzzer keeps the input that breaks it.
#define TENON_FUZZ_CHECK(condition) \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)
