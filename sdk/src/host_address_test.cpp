// SPDX-License-Identifier: Apache-2.0
#include "tenon/host_address.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(HostAddress, ReadsAndWritesBothFamilies) {
  EXPECT_EQ(HostAddress::parse("127.0.0.1:10911")->to_string(), "127.0.0.1:10911");
  EXPECT_EQ(HostAddress::parse("[::1]:9876")->to_string(), "[::1]:9876");
  EXPECT_TRUE(HostAddress::parse("[::1]:9876")->is_loopback());
  EXPECT_TRUE(HostAddress::parse("0.0.0.0:0")->is_unspecified());
  EXPECT_FALSE(HostAddress::parse("10.0.0.1:1")->is_loopback());
}

TEST(HostAddress, RefusesWhatIsNotOne) {
  for (const char* wrong : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:9876", "localhost:9876",
                            "1.2.3:4", "[1.2.3.4]:5"}) {
    const auto parsed = HostAddress::parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_TRUE(parsed.error().is(Errc::invalid_parameter));
  }
}

}  // namespace
}  // namespace tenon
