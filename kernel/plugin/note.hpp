// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/capability_list.hpp"
#include "tenon/error.hpp"

namespace tenon::kernel {

/// What a plug-in says about itself, read from its file before any of its code runs.
struct Note {
  std::uint16_t sdk_epoch = 0;
  std::string fingerprint;
  std::string id;
  std::string version;
  std::vector<CapabilityRef> provides;
  std::vector<CapabilityRef> requires_;
};

/// Reads the note of a plug-in file, whoever built it. Error: why the file is no plug-in; continues "plug-in file
/// <path> ".
Result<Note> read_note(const std::filesystem::path& file);
/// The same for the bytes of the section.
Result<Note> parse_note(std::span<const std::byte> section);

/// Checks that this program may load the plug-in: SDK epoch and every field of the fingerprint are equal.
/// Error: not_supported, with both sides and the first field that differs.
Status check_note(const Note& note, std::string_view our_fingerprint);

/// The two in one, for the loader and `tenon plugin inspect`: "plug-in file <path> was built ...".
Result<Note> read_loadable_note(const std::filesystem::path& file);

}  // namespace tenon::kernel
