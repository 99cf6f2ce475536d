// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "fuzz_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::fastjson;
  const Limits limits{1 << 20, 10000, 32};
  const auto tree = parse(std::string_view(reinterpret_cast<const char*>(data), size), limits);
  if (tree.has_error()) return 0;
  for (const Layout layout : {Layout::compact, Layout::pretty}) {
    const std::string text = to_json(*tree, {layout, IntegerKeys::bare});
    const auto again = parse(text);
    TENON_FUZZ_CHECK(again.has_value());
    TENON_FUZZ_CHECK(*again == *tree);
  }
  return 0;
}
