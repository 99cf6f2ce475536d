// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fastjson/reader.hpp"
#include "fastjson/value.hpp"

namespace tenon::fastjson {

/// The only key of an object that stands for another one.
inline constexpr std::string_view kReferenceKey = "$ref";

/// Replaces every `{"$ref":"path"}` in the tree by a copy of what it names: `$` is the root, `..` the parent of the
/// object the reference stands in, `@` that object itself, `$.a.b[0]` a path. A path that names nothing, another
/// reference, or a value around the reference itself gives null. False, with the tree half resolved: the copies exceed
/// the limits (a text may name large parts again and again, or parts that name each other).
bool resolve_references(Value& root, const Limits& limits);

}  // namespace tenon::fastjson
