// SPDX-License-Identifier: Apache-2.0
#include "remoting/language.hpp"

#include <array>
#include <cstddef>

namespace tenon::remoting {
namespace {

/// In the order of the enumerators.
constexpr std::array<std::string_view, 14> kLanguageNames = {"JAVA",   "CPP",  "DOTNET", "PYTHON", "DELPHI",
                                                             "ERLANG", "RUBY", "OTHER",  "HTTP",   "GO",
                                                             "PHP",    "OMS",  "RUST",   "NODE_JS"};

}  // namespace

std::string_view language_name(Language language) noexcept {
  const auto index = static_cast<std::size_t>(language);
  return index < kLanguageNames.size() ? kLanguageNames[index]
                                       : kLanguageNames[static_cast<std::size_t>(Language::other)];
}

Language language_from_name(std::string_view name) noexcept {
  for (std::size_t index = 0; index < kLanguageNames.size(); ++index) {
    if (kLanguageNames[index] == name) return static_cast<Language>(index);
  }
  return Language::other;
}

Language language_from_byte(std::uint8_t byte) noexcept {
  return byte < kLanguageNames.size() ? static_cast<Language>(byte) : Language::other;
}

}  // namespace tenon::remoting
