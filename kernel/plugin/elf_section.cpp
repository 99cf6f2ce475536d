// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_section.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <system_error>

namespace tenon::kernel {
namespace {

// Real objects have some forty sections; the string table holds their names.
constexpr std::size_t kSectionsMax = 4096;
constexpr std::size_t kNamesBytesMax = 1 << 20;

Error not_a_plugin(std::string_view why) { return {Errc::corrupt, text("is no plug-in: ", why)}; }
Error cut_off() { return {Errc::corrupt, "is no plug-in: the file is cut off"}; }

class File {
 public:
  explicit File(const std::filesystem::path& path) : input_(path, std::ios::binary) {
    size_ = std::filesystem::file_size(path, failure_);
    if (failure_) size_ = 0;
    if (!failure_ && !input_.good()) failure_ = std::make_error_code(std::errc::permission_denied);
  }

  /// Why the file cannot be read.
  const std::error_code& failure() const noexcept { return failure_; }
  std::uint64_t size() const noexcept { return size_; }

  bool read(std::uint64_t offset, std::span<std::byte> into) {
    if (offset > size_ || into.size() > size_ - offset) return false;
    input_.clear();
    input_.seekg(static_cast<std::streamoff>(offset));
    input_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    return input_.gcount() == static_cast<std::streamsize>(into.size());
  }

 private:
  std::ifstream input_;
  std::uint64_t size_ = 0;
  std::error_code failure_;
};

Status check_header(const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return not_a_plugin("it is not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return not_a_plugin("it is not a 64-bit little-endian ELF file");
  }
  if (header.e_type != ET_DYN) return not_a_plugin("it is not a shared object");
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 || header.e_shnum > kSectionsMax ||
      header.e_shstrndx >= header.e_shnum) {
    return not_a_plugin("it has no readable section table");
  }
  return {};
}

Result<std::vector<Elf64_Shdr>> read_section_table(File& file, const Elf64_Ehdr& header) {
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  if (!file.read(header.e_shoff, std::as_writable_bytes(std::span(sections)))) return cut_off();
  // A file cut off behind the section asked for would crash the dynamic linker later.
  for (const Elf64_Shdr& section : sections) {
    const bool has_bytes = section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL;
    if (!has_bytes) continue;
    if (section.sh_offset > file.size() || section.sh_size > file.size() - section.sh_offset) return cut_off();
  }
  return sections;
}

Result<std::string> read_names(File& file, const Elf64_Shdr& section) {
  if (section.sh_size > kNamesBytesMax) return not_a_plugin("its section names are too long");
  std::string names(section.sh_size, '\0');
  if (!file.read(section.sh_offset, std::as_writable_bytes(std::span(names)))) return cut_off();
  return names;
}

}  // namespace

Result<std::vector<std::byte>> read_elf_section(const std::filesystem::path& path, std::string_view section,
                                                std::size_t bytes_max) {
  File file(path);
  if (file.failure()) return Error(Errc::io, text("cannot be read: ", file.failure().message()));
  Elf64_Ehdr header;
  if (!file.read(0, std::as_writable_bytes(std::span(&header, 1)))) return not_a_plugin("it is not an ELF file");
  if (const Status valid = check_header(header); !valid) return valid.error();
  const auto sections = read_section_table(file, header);
  if (!sections) return sections.error();
  const auto names = read_names(file, (*sections)[header.e_shstrndx]);
  if (!names) return names.error();
  for (const Elf64_Shdr& entry : *sections) {
    if (entry.sh_name >= names->size() || section != names->c_str() + entry.sh_name) continue;
    if (entry.sh_type == SHT_NOBITS || entry.sh_size > bytes_max) return not_a_plugin("its note has a wrong size");
    std::vector<std::byte> bytes(entry.sh_size);
    if (!file.read(entry.sh_offset, bytes)) return cut_off();
    return bytes;
  }
  return Error(Errc::query_not_found, text("is no plug-in: it has no section '", section, "'"));
}

}  // namespace tenon::kernel
