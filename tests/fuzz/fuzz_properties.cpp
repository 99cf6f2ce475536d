// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz_check.hpp"
#include "tenon/properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;
  const std::string_view wire(reinterpret_cast<const char*>(data), size);
  const PropertiesView view(wire);
  std::string last_name, last_value;
  view.for_each([&](std::string_view name, std::string_view value) {
    TENON_FUZZ_CHECK(!name.empty() && !value.empty());
    last_name = name;
    last_value = value;
  });
  if (!last_name.empty()) TENON_FUZZ_CHECK(view.find(last_name) == last_value);
  static_cast<void>(tags_code_of(view));

  std::string changed(wire);
  set_property(changed, "KEYS", "k");
  TENON_FUZZ_CHECK(PropertiesView(changed).find("KEYS") == "k");
  remove_property(changed, "KEYS");
  TENON_FUZZ_CHECK(!PropertiesView(changed).find("KEYS"));
  return 0;
}
