// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "plugin/note.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {

/// A plug-in file in the process. Stays there until the process ends, whatever happens to this object: error
/// categories, deleters and posted handlers of the plug-in may outlive its work (docs/adr/0001-one-shared-runtime.md).
class LoadedFile {
 public:
  /// Reads and checks the note, then loads. No code of the file runs before its note was found fit.
  /// Errors: those of read_loadable_note(); io when the dynamic linker refuses it.
  static Result<LoadedFile> load(const std::filesystem::path& file);

  const Note& note() const noexcept { return note_; }
  /// Constructs the plug-in. May throw what its constructor throws.
  std::unique_ptr<Plugin> create(Host& host) const { return std::unique_ptr<Plugin>(create_(host)); }

 private:
  using Create = Plugin*(Host&);
  LoadedFile(Note note, Create* entry) : note_(std::move(note)), create_(entry) {}

  Note note_;
  Create* create_;
};

}  // namespace tenon::kernel
