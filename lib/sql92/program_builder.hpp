// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql92/program.hpp"

namespace tenon::sql92 {

/// Puts a Program together, step by step, and knows how deep its stack gets.
class ProgramBuilder {
 public:
  void constant(const Value& value);
  /// A constant text, taken over.
  void constant_text(std::string text);
  void property(std::string_view name);
  void in_set(const std::vector<std::string>& members);
  void match_text(TextMatch::Where where, bool negated, std::string searched);
  void apply(Operation operation);

  /// Emits a jump whose target is not known yet; land() gives it.
  std::size_t jump(Operation operation);
  /// The jump at `step` leads to the step that is emitted next.
  void land(std::size_t step);

  /// Values that the program so far has pending at most.
  std::size_t stack_max() const noexcept { return stack_max_; }
  Program finish() && { return std::move(program_); }

 private:
  void emit(Operation operation, std::size_t argument, int pushed);
  std::string_view keep(std::string text);

  Program program_;
  std::unordered_map<std::string_view, std::size_t> name_indices_;
  std::size_t stack_ = 0, stack_max_ = 0;
};

}  // namespace tenon::sql92
