// SPDX-License-Identifier: Apache-2.0
#include "fastjson/references.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tenon::fastjson {
namespace {

/// The path of a reference; nothing if the value is none.
std::optional<std::string_view> reference_path(const Value& value) {
  const auto& members = value.members();
  if (members.size() != 1 || members.front().key.as_string() != kReferenceKey) return std::nullopt;
  return members.front().value.as_string();
}

/// Takes the first step off a path behind `$`: `.name`, `[3]` or `["name"]`. Nothing if it is malformed.
std::optional<std::string_view> take_step(std::string_view& path) {
  if (path.front() == '.') {
    path.remove_prefix(1);
    // A name with a dot in it is written with a backslash, which RocketMQ's names need for topics; they are not
    // referenced.
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(end);
    return step.empty() ? std::nullopt : std::optional(step);
  }
  const std::size_t close = path.find(']');
  if (path.front() != '[' || close == std::string_view::npos) return std::nullopt;
  std::string_view step = path.substr(1, close - 1);
  path.remove_prefix(close + 1);
  const bool quoted = step.size() >= 2 && (step.front() == '"' || step.front() == '\'') && step.back() == step.front();
  return quoted ? step.substr(1, step.size() - 2) : step;
}

const Value* child(const Value& parent, std::string_view step) {
  if (!parent.is_array()) return parent.find(step);
  std::size_t index = 0;
  const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == step.data() + step.size();
  return whole && index < parent.elements().size() ? &parent.elements()[index] : nullptr;
}

}  // namespace

/// Walks the tree in the order of the text. Depth is bounded because parsing bounded it, and copies are checked against
/// the same bound.
class ReferenceResolver {
 public:
  ReferenceResolver(Value& root, const Limits& limits) : root_(root), limits_(limits) {}

  bool resolve(Value& value) {
    if (const auto path = reference_path(value)) return replace(value, *path);
    around_.push_back(&value);
    const bool fits = resolve_children(value);
    around_.pop_back();
    return fits;
  }

 private:
  bool resolve_children(Value& value) {
    if (auto* array = std::get_if<Value::Array>(&value.data_)) {
      for (Value& element : *array) {
        if (!resolve(element)) return false;
      }
    } else if (auto* object = std::get_if<Value::Object>(&value.data_)) {
      for (Member& member : *object) {
        if (!resolve(member.key) || !resolve(member.value)) return false;
      }
    }
    return true;
  }

  bool replace(Value& value, std::string_view path) {
    const Value* const target = find(path);
    const bool is_around = std::find(around_.begin(), around_.end(), target) != around_.end();
    if (target == nullptr || is_around || reference_path(*target)) {
      value = Value();
      return true;
    }
    if (!count(*target, around_.size())) return false;
    Value copy = *target;
    value = std::move(copy);
    return resolve(value);  // What stands further on in the text is not resolved yet.
  }

  /// Adds the values of a copy to the bill, before it is made.
  bool count(const Value& value, std::size_t depth) {
    if (++copied_ > limits_.values || depth > limits_.depth) return false;
    for (const Value& element : value.elements()) {
      if (!count(element, depth + 1)) return false;
    }
    for (const Member& member : value.members()) {
      if (!count(member.key, depth + 1) || !count(member.value, depth + 1)) return false;
    }
    bytes_ += value.as_string().value_or(std::string_view()).size();
    return bytes_ <= limits_.text_bytes;
  }

  const Value* find(std::string_view path) const {
    if (path == "@") return around_.empty() ? nullptr : around_.back();
    if (path == "..") return around_.size() < 2 ? nullptr : around_[around_.size() - 2];
    if (path.empty() || path.front() != '$') return nullptr;
    path.remove_prefix(1);
    const Value* at = &root_;
    while (at != nullptr && !path.empty()) {
      const auto step = take_step(path);
      at = step ? child(*at, *step) : nullptr;
    }
    return at;
  }

  Value& root_;
  const Limits& limits_;
  std::vector<const Value*> around_;
  std::size_t copied_ = 0;
  std::size_t bytes_ = 0;
};

bool resolve_references(Value& root, const Limits& limits) { return ReferenceResolver(root, limits).resolve(root); }

}  // namespace tenon::fastjson
