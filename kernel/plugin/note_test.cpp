// SPDX-License-Identifier: Apache-2.0
#include "plugin/note.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "plugin/elf_section.hpp"
#include "plugin/loader.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path plugin_file(const std::string& type) { return fs::path(TENON_TEST_PLUGINS) / (type + ".so"); }

std::string bytes_of(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), {}};
}

class NoteFile : public testing::Test {
 protected:
  void SetUp() override { file_ = fs::temp_directory_path() / ("tenon-note-" + std::to_string(getpid()) + ".so"); }
  void TearDown() override { fs::remove(file_); }
  void write(std::string_view bytes) { std::ofstream(file_, std::ios::binary) << bytes; }

  fs::path file_;
};

TEST_F(NoteFile, IsReadWithoutLoading) {
  const auto note = read_loadable_note(plugin_file("probe-third"));
  ASSERT_TRUE(note) << note.error().message();
  EXPECT_EQ(note->id, "test.probe");
  EXPECT_EQ(note->version, "1.0");
  ASSERT_EQ(note->requires_.size(), 2u);
  EXPECT_EQ(note->requires_[1].to_string(), "test.absent/1?");
}

TEST_F(NoteFile, OfAnotherBuildIsRefusedWithBothSidesOfTheFirstDifference) {
  const auto note = read_loadable_note(plugin_file("foreign-build"));
  ASSERT_FALSE(note);
  EXPECT_THAT(note.error().message(), HasSubstr("was built with sdk = 9.9.9-000000000000, but this tenon with sdk = "));
  EXPECT_THAT(note.error().message(), HasSubstr(plugin_file("foreign-build").string()));
  EXPECT_FALSE(LoadedFile::load(plugin_file("foreign-build")));
}

TEST_F(NoteFile, OfAnotherEpochIsRefused) {
  const auto note = read_loadable_note(plugin_file("foreign-epoch"));
  ASSERT_FALSE(note);
  EXPECT_THAT(note.error().message(), HasSubstr("was built with SDK epoch = 999, but this tenon with SDK epoch = 1"));
}

TEST_F(NoteFile, CutOffAnywhereIsRefused) {
  const std::string whole = bytes_of(plugin_file("probe-first"));
  ASSERT_GT(whole.size(), 4096u);
  for (std::size_t length = 0; length < whole.size(); length += length < 128 ? 1 : 977) {
    write(std::string_view(whole).substr(0, length));
    EXPECT_FALSE(read_note(file_)) << "cut at " << length;
  }
}

TEST_F(NoteFile, WithAnyHeaderByteChangedNeitherCrashesNorHangs) {
  std::string bytes = bytes_of(plugin_file("probe-first"));
  for (std::size_t at = 0; at < 64; ++at) {
    for (const char value : {'\x00', '\xff'}) {
      const char before = std::exchange(bytes[at], value);
      write(bytes);
      (void)read_note(file_);
      bytes[at] = before;
    }
  }
}

TEST_F(NoteFile, ThatIsTextOrEmptyOrADirectoryIsRefused) {
  write("#!/bin/sh\necho this is no plug-in, and it is longer than an ELF header is, so that it is read in full\n");
  const auto text_file = read_loadable_note(file_);
  ASSERT_FALSE(text_file);
  EXPECT_THAT(text_file.error().message(), HasSubstr("is no plug-in: it is not an ELF file"));
  write("");
  EXPECT_FALSE(read_loadable_note(file_));
  EXPECT_FALSE(read_loadable_note(fs::temp_directory_path()));
  EXPECT_FALSE(read_loadable_note("/nowhere/x.so"));
}

TEST_F(NoteFile, ASharedObjectThatIsNoPluginSaysSo) {
  const auto note = read_loadable_note(fs::read_symlink("/proc/self/exe"));
  ASSERT_FALSE(note);
  EXPECT_THAT(note.error().message(), HasSubstr("is no plug-in"));
}

PluginNote good_note() {
  PluginNote note{kPluginNoteMagic, sizeof(PluginNote), kSdkEpoch, TENON_BUILD_FINGERPRINT, "a.b", "1", "x.y/1:K", ""};
  return note;
}

TEST(NoteBytes, ChecksMagicSizeAndLists) {
  PluginNote note = good_note();
  EXPECT_TRUE(parse_note(std::as_bytes(std::span(&note, 1))));
  note.magic = 1;
  EXPECT_THAT(parse_note(std::as_bytes(std::span(&note, 1))).error().message(), HasSubstr("magic"));
  note = good_note();
  note.size = 8;
  EXPECT_THAT(parse_note(std::as_bytes(std::span(&note, 1))).error().message(), HasSubstr("size"));
  note = good_note();
  std::strcpy(note.provides, "no-revision");
  EXPECT_THAT(parse_note(std::as_bytes(std::span(&note, 1))).error().message(), HasSubstr("no-revision"));
  note = good_note();
  EXPECT_FALSE(parse_note(std::as_bytes(std::span(&note, 1)).first(100)));
}

TEST(NoteBytes, StringsWithoutAnEndStayInTheirField) {
  PluginNote note = good_note();
  std::memset(note.id, 'x', sizeof note.id);
  const auto parsed = parse_note(std::as_bytes(std::span(&note, 1)));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id.size(), sizeof note.id);
}

TEST(Fingerprint, NamesTheFirstFieldThatDiffers) {
  Note note;
  note.sdk_epoch = kSdkEpoch;
  note.fingerprint = "sdk=1;compiler=gcc-12;boost=108100";
  EXPECT_TRUE(check_note(note, "sdk=1;compiler=gcc-12;boost=108100"));
  EXPECT_THAT(check_note(note, "sdk=1;compiler=gcc-13;boost=108200").error().message(),
              HasSubstr("compiler = gcc-12, but this tenon with compiler = gcc-13"));
  EXPECT_THAT(check_note(note, "sdk=1;compiler=gcc-12;boost=108100;sanitizer=none").error().message(),
              HasSubstr("sanitizer = nothing"));
  EXPECT_FALSE(check_note(note, "sdk=1;compiler=gcc-12"));
}

}  // namespace
}  // namespace tenon::kernel
