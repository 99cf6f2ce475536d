// SPDX-License-Identifier: Apache-2.0
#include "tag_filter.hpp"

#include <algorithm>
#include <limits>

#include "tenon/properties.hpp"

namespace tenon::filter_tag {
namespace {

constexpr std::string_view kDelimiter = "||";

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A Java broker with a consume queue extension (enableConsumeQueueExt) stores where that has the tags code, instead of
/// the code. Such numbers are below those of any hash; store-format.md 3.1. Who reads no extension knows no code then.
bool is_extension_address(std::int64_t tags_code) { return tags_code < std::numeric_limits<std::int32_t>::min(); }

/// Takes the part before the next delimiter off `rest`.
std::string_view next_part(std::string_view& rest) {
  const std::size_t end = rest.find(kDelimiter);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + kDelimiter.size());
  return part;
}

}  // namespace

TagFilter::TagFilter(std::vector<std::int32_t> codes, bool everything)
    : codes_(std::move(codes)), everything_(everything) {
  std::ranges::sort(codes_);
}

bool TagFilter::match_index(const IndexEntry& entry) const noexcept {
  if (everything_ || is_extension_address(entry.tags_code)) return true;
  return std::ranges::binary_search(codes_, static_cast<std::int32_t>(entry.tags_code));
}

Result<std::shared_ptr<const CompiledFilter>> TagFilterCompiler::compile(std::string_view expression) const {
  if (expression.empty() || expression == "*") return std::make_shared<TagFilter>(std::vector<std::int32_t>{}, true);
  std::vector<std::int32_t> codes;
  bool only_delimiters = true;
  for (std::string_view rest = expression; !rest.empty();) {
    const std::string_view part = next_part(rest);
    only_delimiters = only_delimiters && part.empty();
    const std::string_view tag = trimmed(part);
    if (!tag.empty()) codes.push_back(java_string_hash(tag));
  }
  if (only_delimiters) {
    return Error(Errc::subscription_parse_failed, text("tag expression '", expression, "' has delimiters but no tag"));
  }
  return std::make_shared<TagFilter>(std::move(codes), false);
}

}  // namespace tenon::filter_tag
