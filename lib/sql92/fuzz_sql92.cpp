// SPDX-License-Identifier: Apache-2.0
// Any text must compile or be refused, and what compiles must judge any properties, by both ways to hand them over,
// alike. Input: an expression, a NUL, a property block.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "sql92/compile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  const auto program = sql92::compile(input.substr(0, split));
  if (!program) {
    if (!program.error().is(Errc::subscription_parse_failed) || program.error().message().empty()) std::abort();
    return 0;
  }
  const PropertiesView properties(split == std::string_view::npos ? std::string_view{} : input.substr(split + 1));
  std::vector<std::optional<std::string_view>> values;
  for (const std::string_view name : program->property_names()) values.push_back(properties.find(name));
  if (program->evaluate(properties) != program->evaluate(values)) std::abort();
  return 0;
}
