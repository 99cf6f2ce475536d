// SPDX-License-Identifier: Apache-2.0
#include "json_text/json_text.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tenon::json_text {
namespace {

/// What the one escape in `text` stands for; nothing if it is malformed.
std::optional<std::string> decoded(std::string_view text) {
  char out[kMaxDecoded];
  char* behind = out;
  const char* at = text.data();
  if (!decode_any_escape(at, text.data() + text.size(), behind)) return std::nullopt;
  EXPECT_EQ(at, text.data() + text.size());
  return std::string(out, behind);
}

std::string escaped(std::string_view text) {
  std::string room(text.size() * kMaxEscaped + kSlack, '?');
  room.resize(static_cast<std::size_t>(write_escaped(room.data(), text) - room.data()));
  return room;
}

TEST(JsonText, DecodesTheEscapesOfJava) {
  using namespace std::string_literals;
  EXPECT_EQ(decoded(R"(\n)"), "\n");
  EXPECT_EQ(decoded(R"(\')"), "'");
  EXPECT_EQ(decoded(R"(\/)"), "/");
  EXPECT_EQ(decoded(R"(\v)"), "\v");
  EXPECT_EQ(decoded(R"(\0)"), "\0"s);
  EXPECT_EQ(decoded(R"(\u0000)"), "\0"s);
  EXPECT_EQ(decoded(R"(\u00E9)"), "\xC3\xA9");
  EXPECT_EQ(decoded(R"(\u20ac)"), "\xE2\x82\xAC");
  EXPECT_EQ(decoded(R"(\uD83D\uDE00)"), "\xF0\x9F\x98\x80");
}

TEST(JsonText, HalfAPairBecomesTheReplacementCharacter) {
  EXPECT_EQ(decoded(R"(\uD83D)"), "\xEF\xBF\xBD");
  EXPECT_EQ(decoded(R"(\uDE00)"), "\xEF\xBF\xBD");
}

TEST(JsonText, RefusesWhatIsNoEscapeOrCutOff) {
  for (const char* text : {R"(\)", R"(\x)", R"(\u)", R"(\u12)", R"(\u12G4)", R"(\1)"})
    EXPECT_FALSE(decoded(text)) << text;
}

TEST(JsonText, WritesWhatItReads) {
  EXPECT_EQ(escaped("a \"quoted\" \\ line\n\x01\x1F and more than sixteen"),
            R"(a \"quoted\" \\ line\n\u0001\u001F and more than sixteen)");
  for (int byte = 0; byte < 0x20; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(decoded(escaped(one)), one) << byte;
    EXPECT_TRUE(needs_escape(one[0]));
  }
  EXPECT_EQ(escaped("plain \x7F\xC3\xA9"), "plain \x7F\xC3\xA9");
}

}  // namespace
}  // namespace tenon::json_text
