// SPDX-License-Identifier: Apache-2.0
#include "sql92/program_builder.hpp"

#include <algorithm>

namespace tenon::sql92 {
namespace {

/// By how much an operation that is applied to the stack changes its height.
int pushed_by(Operation operation) {
  switch (operation) {
    case Operation::logical_and:
    case Operation::logical_or:
    case Operation::equal:
    case Operation::less:
    case Operation::less_equal:
    case Operation::greater:
    case Operation::greater_equal:
      return -1;
    case Operation::duplicate:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

void ProgramBuilder::emit(Operation operation, std::size_t argument, int pushed) {
  program_.steps_.push_back({operation, static_cast<std::uint32_t>(argument)});
  stack_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(stack_) + pushed);
  stack_max_ = std::max(stack_max_, stack_);
}

std::string_view ProgramBuilder::keep(std::string text) { return program_.texts_.emplace_back(std::move(text)); }

void ProgramBuilder::constant(const Value& value) {
  emit(Operation::push_constant, program_.constants_.size(), 1);
  program_.constants_.push_back(value);
}

void ProgramBuilder::constant_text(std::string text) { constant(Value::of_text(keep(std::move(text)))); }

void ProgramBuilder::property(std::string_view name) {
  auto known = name_indices_.find(name);
  if (known == name_indices_.end()) {
    const std::string_view kept = keep(std::string(name));
    known = name_indices_.emplace(kept, program_.names_.size()).first;
    program_.names_.push_back(kept);
  }
  emit(Operation::push_property, known->second, 1);
}

void ProgramBuilder::in_set(const std::vector<std::string>& members) {
  std::vector<std::string_view> set;
  set.reserve(members.size());
  for (const std::string& member : members) set.push_back(keep(member));
  std::ranges::sort(set);
  // clang 14 compiles no std::ranges::unique.
  set.erase(std::unique(set.begin(), set.end()), set.end());
  emit(Operation::in_set, program_.sets_.size(), 0);
  program_.sets_.push_back(std::move(set));
}

void ProgramBuilder::match_text(TextMatch::Where where, bool negated, std::string searched) {
  emit(Operation::match_text, program_.matches_.size(), 0);
  program_.matches_.push_back({where, negated, keep(std::move(searched))});
}

void ProgramBuilder::apply(Operation operation) { emit(operation, 0, pushed_by(operation)); }

std::size_t ProgramBuilder::jump(Operation operation) {
  emit(operation, 0, 0);
  return program_.steps_.size() - 1;
}

void ProgramBuilder::land(std::size_t step) {
  program_.steps_[step].argument = static_cast<std::uint32_t>(program_.steps_.size());
}

}  // namespace tenon::sql92
