// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql92/value.hpp"
#include "tenon/properties.hpp"

namespace tenon::sql92 {

/// What an expression says of a message. Only `yes` lets it through. RocketMQ throws where this says `error`.
enum class Verdict { yes, no, unknown, error };

/// The names of the verdicts in ../shared/golden/sql92: "true", "false", "null", "eval-error".
std::string_view name_of(Verdict verdict) noexcept;

/// One step of a program. They work on a stack of values; "top" is the newest.
enum class Operation : std::uint8_t {
  push_constant,  ///< argument: index of the constant.
  push_property,  ///< argument: index of the name. NULL if the message has no such property.
  negate,         ///< top := its negative; NULL unless it is a number.
  as_condition,   ///< top := its truth; FALSE for anything but NULL and a truth.
  logical_not,    ///< NULL stays.
  logical_and,    ///< the two topmost := their three-valued AND.
  logical_or,     ///< likewise OR.
  is_null,        ///< top := whether it is NULL.
  equal,          ///< the two topmost := whether they are equal.
  less,           ///< the two topmost := whether the lower one is less than the top.
  less_equal,
  greater,
  greater_equal,
  in_set,        ///< top := whether it is in the set; argument: its index. NULL unless it is text.
  match_text,    ///< top := whether it has the text; argument: index of a TextMatch.
  duplicate,     ///< pushes the top again.
  jump_if_null,  ///< argument: the step to go on with, the top being kept.
  jump_if_false,
  jump_if_true,
  decide_between,      ///< value, truth: FALSE decides, TRUE := jump with the truth alone; else swaps the two.
  decide_not_between,  ///< likewise, but TRUE decides.
};

struct Step {
  Operation operation;
  std::uint32_t argument = 0;
};

/// CONTAINS, STARTSWITH or ENDSWITH with what is searched for.
struct TextMatch {
  enum class Where { anywhere, at_start, at_end };
  Where where;
  bool negated;
  std::string_view searched;
};

/// A compiled expression. Made by compile(); immutable, movable.
///
/// Evaluation allocates nothing, and its time is bounded: steps run forwards only, over a stack whose depth compile()
/// has bounded, and look at a bounded amount of text. Threads: any, concurrently. Ownership: owns its texts.
class Program {
 public:
  /// Values that a running program may have pending.
  static constexpr std::size_t kStackMax = 1024;
  /// Property text that one evaluation may look at, each look counted; beyond it the verdict is `error`. Keeps a
  /// hostile expression over a large property from holding a thread: 64 KiB of CONTAINS over 32 KiB would take 0.2 s.
  static constexpr std::int64_t kTextBytesMax = 1024 * 1024;

  Program(Program&&) noexcept = default;
  Program& operator=(Program&&) noexcept = default;

  /// The properties that the expression names, each once.
  std::span<const std::string_view> property_names() const noexcept { return names_; }

  Verdict evaluate(const PropertiesView& properties) const noexcept;
  /// `values[i]` belongs to `property_names()[i]`, and there is one for each; empty: the message does not have it.
  Verdict evaluate(std::span<const std::optional<std::string_view>> values) const noexcept;

  std::span<const Step> steps() const noexcept { return steps_; }

 private:
  friend class ProgramBuilder;
  Program() = default;

  template <class Lookup>
  Verdict run(const Lookup& lookup) const noexcept;
  bool apply(const Step& step, Value*& top, std::int64_t& text_left) const noexcept;

  std::deque<std::string> texts_;  ///< Never move: constants, names, sets and matches borrow from them.
  std::vector<std::string_view> names_;
  std::vector<Value> constants_;
  std::vector<std::vector<std::string_view>> sets_;  ///< Sorted.
  std::vector<TextMatch> matches_;
  std::vector<Step> steps_;
};

}  // namespace tenon::sql92
