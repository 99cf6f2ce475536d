// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::kernel {

/// The bytes of one section of an ELF64 shared object of this machine, read without loading it.
///
/// The file may be anything: every offset and size in it is checked against the file's length, and at most
/// `bytes_max` are read. Format: System V ABI, ELF-64 Object File Format 1.5.
/// Errors: io (cannot be read), corrupt (not such a file, or cut off; the text says which), query_not_found (no such
/// section). The texts continue "plug-in file <path> ".
Result<std::vector<std::byte>> read_elf_section(const std::filesystem::path& file, std::string_view section,
                                                std::size_t bytes_max);

}  // namespace tenon::kernel
