// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.hpp"

#include <boost/dll/shared_library.hpp>
#include <list>
#include <system_error>

namespace tenon::kernel {
namespace {

namespace dll = boost::dll;

constexpr const char* kCreateSymbol = "tenon_plugin_create";

// Now, not lazily: a missing symbol is an error at start, never in the middle of a request.
dll::shared_library& open_for_ever(const std::filesystem::path& file) {
  // Never destroyed, so never unloaded; held in a reachable place, so leak checkers agree.
  static auto& libraries = *new std::list<dll::shared_library>();
  return libraries.emplace_back(file, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
}

}  // namespace

Result<LoadedFile> LoadedFile::load(const std::filesystem::path& file) {
  auto note = read_loadable_note(file);
  if (!note) return note.error();
  try {
    dll::shared_library& library = open_for_ever(file);
    return LoadedFile(*std::move(note), &library.get<Create>(kCreateSymbol));
  } catch (const std::system_error& refused) {
    return Error(Errc::io, text("plug-in file ", file.string(), " cannot be loaded: ", refused.what()));
  }
}

}  // namespace tenon::kernel
