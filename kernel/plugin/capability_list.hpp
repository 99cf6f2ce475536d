// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::kernel {

/// One word of a note's provides or requires list: "tenon.filter-compiler/1:TAG", "tenon.delivery-scheduler/1?".
struct CapabilityRef {
  std::string name;  ///< "tenon.filter-compiler/1", with the revision.
  std::string key;   ///< "TAG"; empty when the note names none.
  bool optional = false;

  /// As written in a note.
  std::string to_string() const;
  /// True when `provided` is what this asks for: the same name, and the same key if this names one.
  bool is_met_by(const CapabilityRef& provided) const noexcept;
};

/// Reads a list separated by ';'. Error: invalid_parameter, naming the word that is none.
Result<std::vector<CapabilityRef>> parse_capability_list(std::string_view text);

}  // namespace tenon::kernel
