// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::remoting {

/// RocketMQ's LanguageCode; the value is the byte of a binary header. Source: remoting-protocol.md 1.6.
enum class Language : std::uint8_t {
  java,
  cpp,
  dotnet,
  python,
  delphi,
  erlang,
  ruby,
  other,
  http,
  go,
  php,
  oms,
  rust,
  node_js,
};

/// The name in a JSON header and in `consumerConnection` bodies, e.g. "JAVA".
std::string_view language_name(Language language) noexcept;
/// Unknown names and bytes are `other`, as RocketMQ tolerates them.
Language language_from_name(std::string_view name) noexcept;
Language language_from_byte(std::uint8_t byte) noexcept;

}  // namespace tenon::remoting
