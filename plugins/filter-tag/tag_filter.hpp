// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/filter.hpp"

namespace tenon::filter_tag {

/// Lets through what carries one of a set of tags, by tag hash. Where the index has no hash, only the client can tell,
/// as with RocketMQ when an extension cannot be read: the message passes.
class TagFilter final : public CompiledFilter {
 public:
  /// `codes`: hashes of the tags. `everything`: the expression was `*`.
  TagFilter(std::vector<std::int32_t> codes, bool everything);

  bool match_index(const IndexEntry& entry) const noexcept override;
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

 private:
  std::vector<std::int32_t> codes_;  // sorted
  bool everything_;
};

/// Compiles tag expressions as RocketMQ's FilterAPI does.
///
/// Empty and "*" are everything. Else the tags stand between `||`, trimmed of characters up to U+0020; empty ones do
/// not count. An expression of delimiters alone does not compile; one that leaves no tag (" || ") compiles and matches
/// nothing. Source: RocketMQ FilterAPI.java; ../shared/reference/broker-semantics.md section 7.1.
class TagFilterCompiler final : public FilterCompiler {
 public:
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const override;
};

}  // namespace tenon::filter_tag
