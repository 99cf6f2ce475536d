// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "config/composition.hpp"

namespace tenon::kernel {

/// What `tenon config explain` prints: every key with type, default, bounds and meaning.
std::string explain_as_text(std::span<const SectionDeclaration> sections);
/// The reference page, docs/reference/configuration.md, from the same tables.
std::string explain_as_markdown(std::span<const SectionDeclaration> sections);
/// What `tenon config show` prints: every value in force, as TOML, with where it was said.
std::string show_values(const CheckedSection& section);

}  // namespace tenon::kernel
