// SPDX-License-Identifier: Apache-2.0
#include "plugin_files.hpp"

#include <cstdio>
#include <filesystem>

#include "plugin/note.hpp"
#include "plugin/search_path.hpp"
#include "tenon/build_fingerprint.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

void put_line(const std::string& line) { std::printf("%s\n", line.c_str()); }

std::string column(std::string word, std::size_t width) {
  word.resize(std::max(width, word.size() + 1), ' ');
  return word;
}

std::string joined(const std::vector<kernel::CapabilityRef>& refs) {
  std::string all;
  for (const auto& ref : refs) all += (all.empty() ? "" : "; ") + ref.to_string();
  return all.empty() ? "nothing" : all;
}

std::filesystem::path find_file(const std::string& file_or_type) {
  if (file_or_type.find('/') != std::string::npos || std::filesystem::exists(file_or_type)) return file_or_type;
  return kernel::SearchPath::of_this_process({}).find(file_or_type).value_or(file_or_type);
}

void print_note(const std::filesystem::path& file, const kernel::Note& note) {
  put_line(text("file         ", file.string()));
  put_line(text("id           ", note.id));
  put_line(text("version      ", note.version));
  put_line(text("SDK epoch    ", note.sdk_epoch));
  put_line(text("fingerprint  ", note.fingerprint));
  put_line(text("provides     ", joined(note.provides)));
  put_line(text("requires     ", joined(note.requires_)));
}

}  // namespace

ExitCode list_plugins() {
  const auto path = kernel::SearchPath::of_this_process({});
  ExitCode code = ExitCode::ok;
  for (const auto& file : path.all()) {
    const std::string type = file.stem().string();
    if (const auto note = kernel::read_loadable_note(file)) {
      put_line(text(column(type, 18), column(note->version, 9), column(note->id, 26), joined(note->provides)));
    } else {
      std::fprintf(stderr, "%s refused: %s\n", column(type, 17).c_str(), note.error().message().c_str());
      code = ExitCode::plugin_refused;
    }
  }
  return code;
}

ExitCode inspect_plugin(const std::string& file_or_type) {
  const std::filesystem::path file = find_file(file_or_type);
  if (const auto note = kernel::read_note(file)) print_note(file, *note);
  const auto loadable = kernel::read_loadable_note(file);
  if (loadable) return ExitCode::ok;
  std::fprintf(stderr, "tenon: %s\n", loadable.error().message().c_str());
  return ExitCode::plugin_refused;
}

}  // namespace tenon::cli
