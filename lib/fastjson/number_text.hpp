// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenon::fastjson {

/// A real number as Java's Double.toString() has it for the sizes that RocketMQ writes: shortest digits that read back
/// the same, always with a fraction (`5.0`), exponents as `1.0E10`. "null" for what is no number or infinite.
std::string real_text(double number);

}  // namespace tenon::fastjson
