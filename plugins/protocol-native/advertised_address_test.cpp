// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/advertised_address.hpp"

#include <gtest/gtest.h>

namespace tenon::protocol_native {
namespace {

HostAddress address(std::string_view text) { return HostAddress::parse(text).value(); }

TEST(AdvertisedAddressTest, IsTheListenersUnlessSaidOtherwise) {
  EXPECT_EQ(advertised_address(address("127.0.0.1:10911"), "").value(), address("127.0.0.1:10911"));
  EXPECT_EQ(advertised_address(address("127.0.0.1:10911"), "10.1.2.3:99").value(), address("10.1.2.3:99"));
  EXPECT_EQ(advertised_address(address("127.0.0.1:10911"), "10.1.2.3").value(), address("10.1.2.3:10911"));
  EXPECT_EQ(advertised_address(address("127.0.0.1:10911"), "10.1.2.3:0").value(), address("10.1.2.3:10911"));
  EXPECT_FALSE(advertised_address(address("127.0.0.1:10911"), "no address"));
}

TEST(AdvertisedAddressTest, OfAnyAddressIsOneThatClientsCanConnectTo) {
  const auto advertised = advertised_address(address("0.0.0.0:10911"), "").value();
  EXPECT_FALSE(advertised.is_unspecified());
  EXPECT_EQ(advertised.port(), 10911);
  EXPECT_TRUE(is_address_of_this_host(advertised));
}

TEST(AdvertisedAddressTest, OfAnotherHostIsNoticed) {
  EXPECT_FALSE(is_address_of_this_host(address("192.0.2.7:10911")));  // reserved for documentation
}

}  // namespace
}  // namespace tenon::protocol_native
