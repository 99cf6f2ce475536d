// SPDX-License-Identifier: Apache-2.0
// The short way must give what the long way gives, or step aside: compared over damaged and unusual headers.
#include "remoting/java_send_header.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

constexpr std::string_view kBegin = R"({"code":310,"extFields":{)";
constexpr std::string_view kEnd =
    R"(},"flag":2,"language":"JAVA","opaque":2147483647,"serializeTypeCurrentRPC":"JSON","version":493})";
constexpr std::string_view kFields =
    R"("a":"wire_producer","b":"WireProducer","c":"TBW102","d":"4","e":"3","f":"8","g":"1795264120926","h":"0",)"
    R"("i":"KEYS\u0001key0\u0002UNIQ_KEY\u00017F00000143AD4E0E2F2A69ACA05D0000\u0002","j":"0","k":"false",)"
    R"("l":"16","m":"true","n":"broker-a")";

std::string header_with(std::string_view fields) { return std::string(kBegin).append(fields).append(kEnd); }
/// The usual fields with another value for one, or with another field before the last.
std::string header_but(std::string_view field) {
  std::string fields(kFields);
  const std::size_t begin = fields.find(field.substr(0, field.find(':') + 1));
  if (begin == std::string::npos) return header_with(std::string(field).append(",").append(kFields));
  return header_with(fields.replace(begin, fields.find("\",\"", begin) + 1 - begin, field));
}

/// Was it read the short way? Then as the long way reads it.
bool read_alike(std::string_view header) {
  const FrameView frame{HeaderType::json, bytes_of(header), bytes_of("body"), 0};
  JavaSendHeader fast;
  Command command, generic;
  if (!fast.decode(frame, command)) return false;
  EXPECT_TRUE(generic.decode(frame)) << header;
  const auto fields = decode_send_fields(generic);
  if (!fields.has_value()) {
    ADD_FAILURE() << header;
    return true;
  }
  EXPECT_EQ(fast.fields(), *fields) << header;
  EXPECT_EQ(command.code, generic.code) << header;
  EXPECT_EQ(command.opaque, generic.opaque) << header;
  EXPECT_EQ(command.flag, generic.flag) << header;
  EXPECT_EQ(command.version, generic.version) << header;
  EXPECT_EQ(command.language, generic.language) << header;
  EXPECT_EQ(command.type, generic.type) << header;
  EXPECT_EQ(command.remark, generic.remark) << header;
  EXPECT_EQ(command.has_fields, generic.has_fields) << header;
  EXPECT_EQ(command.body.data(), generic.body.data()) << header;
  return true;
}

TEST(JavaSendHeader, ReadsWhatJavaSends) {
  const std::string header = header_with(kFields);
  EXPECT_TRUE(read_alike(header));
  JavaSendHeader fast;
  Command command;
  ASSERT_TRUE(fast.decode(frame_of(HeaderType::json, header), command));
  EXPECT_EQ(command.opaque, 2147483647);
  EXPECT_TRUE(command.is_oneway());
  EXPECT_EQ(fast.fields().born_timestamp_ms, 1795264120926);
  EXPECT_EQ(fast.fields().properties,
            "KEYS\x01key0\x02UNIQ_KEY\x01"
            "7F00000143AD4E0E2F2A69ACA05D0000\x02");
}

TEST(JavaSendHeader, ReadsUnusualValuesAlike) {
  for (const std::string_view field :
       {R"("i":"")", R"("i":"x")", R"("i":"\u0041\n\"\\\/\ud83d\ude00\ud83d")", R"("i":"0123456789abcdef")",
        "\"i\":\"\x01\x80\xFF\"", R"("i":"\u000102345678901234567890")", R"("k":"TRUE")", R"("m":"1")", R"("m":"")",
        R"("k":"")", R"("g":"123456789012345678")", R"("g":"99999999")", R"("d":"2147483647")", R"("d":"007")",
        R"("l":"0")", R"("c":"a name of more than sixteen bytes")"}) {
    EXPECT_TRUE(read_alike(header_but(field))) << field;
  }
  std::string without(kFields);
  without.erase(without.find(R"("l":"16",)"), 9);
  EXPECT_TRUE(read_alike(header_with(without)));
  without.erase(without.find(R"(,"n":)"));
  EXPECT_TRUE(read_alike(header_with(without)));
}

TEST(JavaSendHeader, StepsAside) {
  std::vector<std::string> cases = {"",
                                    "{",
                                    "{}",
                                    std::string(kBegin),
                                    header_with(""),
                                    header_with(R"("a":"x")"),
                                    header_with(kFields) + "\n",
                                    header_with(kFields) + "x"};
  for (const std::string_view field :
       {R"("d":4)",       R"("k":true)",         R"("a":null)", R"("a":"")",       R"("b":"")",
        R"("o":{})",      R"("topic":"T")",      R"("z":"")",   R"("n":"\u0041")", R"("d":"-1")",
        R"("d":"+1")",    R"("d":"2147483648")", R"("d":"4x")", R"("d":"")",       R"("g":"1234567890123456789")",
        R"("l":"")",      R"("a":"\u0041")",     R"("i":"\q")", R"("i":"\u00")",   R"("i":"\)",
        R"("i":"\u0001)", R"( "a":"x")",         R"("a" :"x")", R"("a": "x")"}) {
    cases.push_back(header_but(field));
  }
  for (const auto& [from, to] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"310", "10"},
                                                                            {"310", "11"},
                                                                            {"310", "-310"},
                                                                            {"310", "3100000000"},
                                                                            {"JAVA", "CPP"},
                                                                            {"2147483647", "2147483648"},
                                                                            {"\"flag\":2", "\"flag\":-2"},
                                                                            {"\"flag\":2,", ""},
                                                                            {"\"version\":493", "\"version\":"},
                                                                            {"JSON", "BINARY"}}) {
    std::string header = header_with(kFields);
    header.replace(header.find(from), from.size(), to);
    cases.push_back(header);
  }
  for (const std::string& header : cases) {
    const FrameView frame = frame_of(HeaderType::json, header);
    JavaSendHeader fast;
    Command command;
    EXPECT_FALSE(fast.decode(frame, command)) << header;
  }
  JavaSendHeader fast;
  Command command;
  EXPECT_FALSE(fast.decode(frame_of(HeaderType::binary, header_with(kFields)), command));
}

/// Pieces that a header is made of or damaged by.
std::string_view any_piece(std::mt19937& random) {
  static constexpr std::string_view kPieces[] = {R"("a":"x",)",
                                                 R"("i":"\u0001\u0002",)",
                                                 R"("g":"12345678",)",
                                                 R"("d":"7",)",
                                                 R"("l":"")",
                                                 R"(\u0002)",
                                                 R"(\ud83d)",
                                                 R"(\)",
                                                 R"(")",
                                                 ",",
                                                 "{",
                                                 "}",
                                                 ":",
                                                 " ",
                                                 "0",
                                                 "9",
                                                 "-",
                                                 "null",
                                                 R"("code":310,)",
                                                 R"("remark":"r",)",
                                                 "\x01"};
  return kPieces[random() % std::size(kPieces)];
}

TEST(JavaSendHeader, ReadsDamagedHeadersAlikeOrNotAtAll) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int read = 0;
  for (int round = 0; round < 100'000 && !HasFailure(); ++round) {
    std::string header = header_with(kFields);
    for (auto damages = random() % 3; damages-- > 0;) {
      const std::size_t at = random() % header.size();
      switch (random() % 4) {
        case 0:
          header[at] = static_cast<char>(random());
          break;
        case 1:
          header.erase(at, random() % 12);
          break;
        case 2:
          header.insert(at, any_piece(random));
          break;
        default:  // where it may stay well formed
          header.insert(kBegin.size(), any_piece(random));
          break;
      }
    }
    read += read_alike(header);
  }
  EXPECT_GT(read, 10'000);
}

}  // namespace
}  // namespace tenon::remoting
