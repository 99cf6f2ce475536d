// SPDX-License-Identifier: Apache-2.0
#include "tenon/listening.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "tenon/error.hpp"

namespace tenon {
namespace {

using boost::asio::ip::tcp;

class Listening : public testing::Test {
 protected:
  Error refusal_of(const std::string& address) {
    try {
      listen_on(address, context_.get_executor());
    } catch (const Failure& failure) {
      return failure.error();
    }
    ADD_FAILURE() << address << " was taken";
    return Error(Errc::internal, "");
  }

  boost::asio::io_context context_;
};

TEST_F(Listening, TakesConnectionsAtThePortTheSystemChose) {
  tcp::acceptor acceptor = listen_on("127.0.0.1:0", context_.get_executor());
  const HostAddress address = host_address_of(acceptor.local_endpoint());
  EXPECT_TRUE(address.is_loopback());
  EXPECT_NE(address.port(), 0);
  tcp::socket client(context_);
  client.connect(acceptor.local_endpoint());
  boost::system::error_code error;
  const tcp::socket accepted = acceptor.accept(error);
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(host_address_of(accepted.remote_endpoint()), host_address_of(client.local_endpoint()));
}

TEST_F(Listening, ResolvesNames) {
  EXPECT_TRUE(host_address_of(listen_on("localhost:0", context_.get_executor()).local_endpoint()).is_loopback());
}

TEST_F(Listening, RefusesATextThatIsNoAddress) {
  EXPECT_TRUE(refusal_of("1883").is(Errc::invalid_parameter));
  EXPECT_TRUE(refusal_of("127.0.0.1:no-such-service").is(Errc::io));
}

TEST_F(Listening, NamesTheAddressThatIsTaken) {
  const tcp::acceptor first = listen_on("127.0.0.1:0", context_.get_executor());
  const std::string address = host_address_of(first.local_endpoint()).to_string();
  const Error error = refusal_of(address);
  EXPECT_TRUE(error.is(Errc::io));
  EXPECT_NE(error.message().find("cannot listen on " + address + ": bind: "), std::string::npos) << error.message();
  EXPECT_NE(error.message().find("choose another port"), std::string::npos) << error.message();
}

TEST(HostAddressOf, KnowsBothFamilies) {
  using boost::asio::ip::make_address;
  EXPECT_EQ(host_address_of({make_address("10.1.2.3"), 1883}).to_string(), "10.1.2.3:1883");
  EXPECT_EQ(host_address_of({make_address("::1"), 10911}).to_string(), "[::1]:10911");
  EXPECT_EQ(host_address_of({make_address("::ffff:10.1.2.3"), 1883}).to_string(), "10.1.2.3:1883");
}

}  // namespace
}  // namespace tenon
