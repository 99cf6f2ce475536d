// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/node.hpp"
#include "tenon/config.hpp"
#include "tenon/error.hpp"

namespace tenon::kernel {

class CheckedSection;

/// The tables of a list, each checked. Equal when all their values are.
struct CheckedTables {
  std::vector<std::shared_ptr<const CheckedSection>> sections;
  bool operator==(const CheckedTables& other) const;
};

/// A value of one key after the check: integers, sizes (bytes) and durations (ms, short ones us) are int64.
using CheckedValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, CheckedTables>;

/// Checks a value against its key: type, unit, range, choices. Not for lists of tables: see check_section().
/// Error: invalid_parameter; the text continues "<section>.<key> = <value>: ".
Result<CheckedValue> check_value(const ConfigKey& key, const Node& node);

/// The default of a key that is not required. Throws std::logic_error when the table of keys contradicts itself.
CheckedValue default_of(const ConfigKey& key);

/// What stands for a required value that is missing or wrong, while the check goes on.
CheckedValue zero_of(ConfigType type);

/// "integer", "size, such as \"512MiB\"" and so on, for messages and the reference page.
std::string_view type_name(ConfigType type);

/// "512MiB", "30s", "100us"; a type without units as the number alone.
std::string with_unit(ConfigType type, std::int64_t value);

/// As it would be written in TOML.
std::string value_to_string(const ConfigKey& key, const CheckedValue& value);

}  // namespace tenon::kernel
