// SPDX-License-Identifier: Apache-2.0
#include "size_filter.hpp"

#include <charconv>

namespace example {
namespace {

class SizeFilter final : public tenon::CompiledFilter {
 public:
  SizeFilter(bool at_least, std::int32_t bytes) : at_least_(at_least), bytes_(bytes) {}

  bool match_index(const tenon::IndexEntry& entry) const noexcept override {
    return (entry.size_bytes >= bytes_) == at_least_;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const tenon::PropertiesView&) const noexcept override { return true; }

 private:
  bool at_least_;
  std::int32_t bytes_;
};

tenon::Error malformed(std::string_view expression) {
  return tenon::Error(tenon::Errc::subscription_parse_failed,
                      tenon::text("size expression '", expression, "' is neither '>= BYTES' nor '< BYTES'"));
}

}  // namespace

tenon::Result<std::shared_ptr<const tenon::CompiledFilter>> SizeFilterCompiler::compile(
    std::string_view expression) const {
  const bool at_least = expression.starts_with(">= ");
  if (!at_least && !expression.starts_with("< ")) return malformed(expression);
  const std::string_view digits = expression.substr(at_least ? 3 : 2);
  std::int32_t bytes = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || bytes < 0)
    return malformed(expression);
  return std::make_shared<SizeFilter>(at_least, bytes);
}

}  // namespace example
