// SPDX-License-Identifier: Apache-2.0
#include "plugin/note.hpp"

#include <algorithm>
#include <cstring>

#include "plugin/elf_section.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kSection = "tenonplugin";
// Room for the notes of later epochs, which must be told apart by their epoch and not by a wrong size.
constexpr std::size_t kSectionBytesMax = 64 * 1024;
constexpr std::size_t kHeadBytes = offsetof(PluginNote, fingerprint);

template <std::size_t size>
std::string string_of(const char (&field)[size]) {
  return {field, strnlen(field, size)};
}

Error malformed(std::string_view why) { return {Errc::corrupt, text("is no plug-in: ", why)}; }

struct Field {
  std::string_view name, value;
};

// The fields of "name=value;name=value".
std::vector<Field> split_fingerprint(std::string_view fingerprint) {
  std::vector<Field> fields;
  for (std::size_t begin = 0; begin < fingerprint.size();) {
    const auto end = std::min(fingerprint.find(';', begin), fingerprint.size());
    const std::string_view word = fingerprint.substr(begin, end - begin);
    const auto equals = std::min(word.find('='), word.size());
    fields.push_back({word.substr(0, equals), equals < word.size() ? word.substr(equals + 1) : std::string_view()});
    begin = end + 1;
  }
  return fields;
}

std::string_view value_of(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [name](const Field& field) { return field.name == name; });
  return found == fields.end() ? "nothing" : found->value;
}

Error differs(std::string_view field, std::string_view theirs, std::string_view ours) {
  return {Errc::not_supported, text("was built with ", field, " = ", theirs, ", but this tenon with ", field, " = ",
                                    ours, "; build it against this version's SDK")};
}

}  // namespace

Result<Note> parse_note(std::span<const std::byte> section) {
  PluginNote raw{};
  if (section.size() < kHeadBytes) return malformed("its note is cut off");
  std::memcpy(&raw, section.data(), std::min(section.size(), sizeof raw));
  if (raw.magic != kPluginNoteMagic) return malformed("its note does not start with the magic number");
  Note note;
  note.sdk_epoch = raw.sdk_epoch;
  // A note of another epoch may be laid out in another way: nothing behind the head is read.
  if (note.sdk_epoch != kSdkEpoch) return note;
  if (raw.size != sizeof raw || section.size() < sizeof raw) return malformed("its note has a wrong size");
  note.fingerprint = string_of(raw.fingerprint);
  note.id = string_of(raw.id);
  note.version = string_of(raw.version);
  auto provides = parse_capability_list(string_of(raw.provides));
  if (!provides) return malformed(text("its note provides what cannot be read: ", provides.error().message()));
  auto requires_list = parse_capability_list(string_of(raw.requires_));
  if (!requires_list)
    return malformed(text("its note requires what cannot be read: ", requires_list.error().message()));
  note.provides = *std::move(provides);
  note.requires_ = *std::move(requires_list);
  return note;
}

Result<Note> read_note(const std::filesystem::path& file) {
  const auto section = read_elf_section(file, kSection, kSectionBytesMax);
  if (!section) return section.error();
  return parse_note(*section);
}

Status check_note(const Note& note, std::string_view our_fingerprint) {
  if (note.sdk_epoch != kSdkEpoch) return differs("SDK epoch", text(note.sdk_epoch), text(kSdkEpoch));
  if (note.fingerprint == our_fingerprint) return {};
  const auto theirs = split_fingerprint(note.fingerprint), ours = split_fingerprint(our_fingerprint);
  for (const Field& field : ours) {
    const std::string_view their_value = value_of(theirs, field.name);
    if (their_value != field.value) return differs(field.name, their_value, field.value);
  }
  return differs("fingerprint", note.fingerprint, our_fingerprint);
}

Result<Note> read_loadable_note(const std::filesystem::path& file) {
  auto note = read_note(file);
  if (!note) return Error(note.error().code(), text("plug-in file ", file.string(), " ", note.error().message()));
  if (const Status fits = check_note(*note, TENON_BUILD_FINGERPRINT); !fits) {
    return Error(fits.error().code(), text("plug-in file ", file.string(), " ", fits.error().message()));
  }
  return note;
}

}  // namespace tenon::kernel
