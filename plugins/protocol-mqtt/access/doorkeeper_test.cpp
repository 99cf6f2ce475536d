// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/doorkeeper.hpp"

#include <gtest/gtest.h>

namespace tenon::protocol_mqtt {
namespace {

using mqtt::ReasonCode;

TEST(PasswordFile, SaysWhichLineIsWrong) {
  EXPECT_TRUE(PasswordFile::parse("# comment\n\nno colon\n").has_value());
  for (const char* bad : {"a:plain", "a:$5$x$y", "a:$7$0$AA$AA", "a:$6$AA$AA", "a:$argon2id$v=19$m=1$x$y"}) {
    const auto parsed = PasswordFile::parse(text("# first\n", bad));
    ASSERT_FALSE(parsed.has_value()) << bad;
    EXPECT_NE(parsed.error().message().find("line 2"), std::string::npos);
  }
}

// The password is "secret", the salt "saltsaltsalt"; hashes by Python's hashlib.
constexpr const char* kNew =
    "alice:$7$101$c2FsdHNhbHRzYWx0$"
    "Hd71hnNoKcARd6Fkl1rUE+opfs3V78ZJB2AgXXC1kaKQiWfi5S5qX7D1mY5b+bIzvyidWMnS8VA+YAsAygq9EA==\n";
constexpr const char* kOld =
    "bob:$6$c2FsdHNhbHRzYWx0$"
    "3aiBbchfIZo+1WYrkPzJjQxZ79F/NmwLQ+wF073kTd+6ANhaic8G/jWF/X4sqSFUKpLNdm1FZjBck6HQ8knM3A==\n";

TEST(PasswordFile, KnowsBothFormsOfMosquitto) {
  const auto file = PasswordFile::parse(text(kNew, kOld));
  ASSERT_TRUE(file.has_value()) << file.error().message();
  for (const char* name : {"alice", "bob"}) {
    EXPECT_TRUE(file->accepts(name, "secret"));
    EXPECT_FALSE(file->accepts(name, "Secret"));
    EXPECT_FALSE(file->accepts(name, ""));
  }
  EXPECT_FALSE(file->accepts("carol", "secret"));
  EXPECT_FALSE(PasswordFile::parse(text(kNew, kNew)).has_value()) << "a name twice";
}

TEST(AccessRules, GrantAndDeny) {
  const auto rules = AccessRules::parse(
      "topic read public/#\n"
      "topic deny public/secret\n"
      "user alice\n"
      "topic sensors/#\n"
      "topic write commands/with blank\n"
      "pattern readwrite devices/%c/%u/#\n");
  ASSERT_TRUE(rules.has_value()) << rules.error().message();
  EXPECT_TRUE(rules->allows(Access::read, "c", "", "public/x"));
  EXPECT_FALSE(rules->allows(Access::write, "c", "", "public/x"));
  EXPECT_FALSE(rules->allows(Access::read, "c", "", "public/secret"));
  EXPECT_FALSE(rules->allows(Access::read, "c", "alice", "public/x")) << "those lines are for who has no name";
  EXPECT_TRUE(rules->allows(Access::write, "c", "alice", "sensors/1"));
  EXPECT_TRUE(rules->allows(Access::write, "c", "alice", "commands/with blank"));
  EXPECT_FALSE(rules->allows(Access::read, "c", "alice", "commands/with blank"));
  EXPECT_TRUE(rules->allows(Access::read, "c", "alice", "devices/c/alice/x"));
  EXPECT_FALSE(rules->allows(Access::read, "d", "alice", "devices/c/alice/x"));
  EXPECT_FALSE(rules->allows(Access::read, "+", "alice", "devices/c/alice/x"));
  EXPECT_FALSE(rules->allows(Access::read, "c", "alice", "$SYS/broker/version"));
}

TEST(AccessRules, SayWhichLineIsWrong) {
  for (const char* bad : {"user", "topik a", "topic read", "topic a/#/b"}) {
    const auto parsed = AccessRules::parse(text("# x\n", bad));
    ASSERT_FALSE(parsed.has_value()) << bad;
    EXPECT_NE(parsed.error().message().find("line 2"), std::string::npos);
  }
}

TEST(Doorkeeper, WithoutFilesLetsInWhomTheListenerLetsIn) {
  const auto doorkeeper = Doorkeeper::make("", "");
  ASSERT_TRUE(doorkeeper.has_value());
  const auto verdict = [&](const Credentials& who, bool anonymous_allowed) {
    return std::get<ReasonCode>(doorkeeper->authenticate(who, anonymous_allowed));
  };
  EXPECT_EQ(verdict({"c", {}, {}}, true), ReasonCode::success);
  EXPECT_EQ(verdict({"c", {}, {}}, false), ReasonCode::not_authorized);
  EXPECT_EQ(verdict({"c", "alice", "x"}, false), ReasonCode::bad_user_name_or_password);
  EXPECT_TRUE(doorkeeper->may(Access::write, "c", "", "t"));
  EXPECT_FALSE(Doorkeeper::make("/nonexistent/file", "").has_value());
}

}  // namespace
}  // namespace tenon::protocol_mqtt
