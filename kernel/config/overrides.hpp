// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "config/node.hpp"
#include "config/problems.hpp"

namespace tenon::kernel {

/// Lays `--set KEY=VALUE` over the table, later ones over earlier ones. KEY is a dotted path ("plugins.native.listen");
/// VALUE is TOML if it reads as such, else a string: `broker.id=3` is a number, `plugins.native.listen=127.0.0.1:20911`
/// a string, `broker.name_servers=["a:1","b:2"]` a list.
void apply_overrides(std::span<const std::string> overrides, Table& table, Problems& problems);

}  // namespace tenon::kernel
