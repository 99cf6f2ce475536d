// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenon {

/// How often this thread has called operator new since it began. A program that uses this gets an operator new that
/// counts; its memory is malloc's. Over-aligned types are not counted.
std::int64_t allocation_count() noexcept;

}  // namespace tenon
