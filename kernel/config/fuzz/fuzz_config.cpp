// SPDX-License-Identifier: Apache-2.0
// Any text as a configuration: ends, is bounded, and what `config show` prints of it reads as the same values.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/composition.hpp"
#include "config/explain.hpp"
#include "config/toml_reader.hpp"

namespace {

using namespace tenon;
using namespace tenon::kernel;

constexpr ConfigKey kKeys[] = {
    {.name = "name", .default_value = "broker-a", .meaning = ""},
    {.name = "size", .type = ConfigType::size, .default_value = "1GiB", .meaning = "", .minimum = 1024},
    {.name = "interval", .type = ConfigType::duration, .default_value = "5s", .meaning = ""},
    {.name = "id", .type = ConfigType::integer, .default_value = "0", .meaning = "", .minimum = 0},
    {.name = "on", .type = ConfigType::boolean, .default_value = "true", .meaning = ""},
    {.name = "flush", .default_value = "async", .meaning = "", .choices = "async|sync"},
    {.name = "listen", .type = ConfigType::address_list, .default_value = "[]", .meaning = ""},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kConfigBytesMax) return 0;
  const SectionDeclaration sections[] = {{"broker", "", kKeys}};
  Problems problems;
  const std::string_view toml(reinterpret_cast<const char*>(data), size);
  const Composition composition = check_composition(read_toml(toml, "fuzz", problems), "fuzz", sections, problems);
  (void)problems.to_string();
  const CheckedSection& broker = composition.section("broker");
  for (const ConfigKey& key : kKeys) {
    const auto* member = broker.find(key.name);
    const auto again = read_toml_value(value_to_string(key, member->value), {"fuzz", 1, 1});
    if (!again || check_value(key, *again).value() != member->value) std::abort();
  }
  return 0;
}
