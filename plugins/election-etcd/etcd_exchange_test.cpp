// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_exchange.hpp"

#include <gmock/gmock.h>

#include "election-etcd/etcd_refusal.hpp"

namespace tenon::election_etcd {
namespace {

using ::testing::HasSubstr;

TEST(Endpoint, SaysWhetherItIsTls) {
  const auto tls = parse_endpoint("https://etcd-1:2379");
  ASSERT_TRUE(tls.has_value());
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->host, "etcd-1");
  EXPECT_EQ(tls->address(), "https://etcd-1:2379");
  EXPECT_FALSE(parse_endpoint("http://etcd-1:2379")->tls);
  EXPECT_EQ(parse_endpoint("127.0.0.1:2379")->address(), "http://127.0.0.1:2379");
}

TEST(Endpoint, TakesTheBracketsOffAnAddress) {
  const auto v6 = parse_endpoint("https://[::1]:2379");
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->address(), "https://[::1]:2379");
}

TEST(Endpoint, OthersAreRefusedByName) {
  for (const char* words : {"", "etcd", "etcd:", ":2379", "https://", "etcd:0", "etcd:99999", "ftp://etcd:1",
                            "https://etcd:2379/v3", "https://user@etcd:2379", "https://http://etcd:2379"}) {
    const auto parsed = parse_endpoint(words);
    ASSERT_FALSE(parsed.has_value()) << words;
    EXPECT_THAT(parsed.error().message(), HasSubstr("is no endpoint such as \"https://etcd-1:2379\""));
  }
}

TEST(Tls, FilesThatCannotBeUsedAreNamed) {
  const auto no_ca = make_tls({.ca_file = "/nowhere/ca.pem", .certificate_file = {}, .key_file = {}});
  ASSERT_FALSE(no_ca.has_value());
  EXPECT_THAT(no_ca.error().message(), HasSubstr("ca_file '/nowhere/ca.pem'"));
  const auto no_own = make_tls({.ca_file = {}, .certificate_file = "/nowhere/own.pem", .key_file = "/nowhere/own.key"});
  ASSERT_FALSE(no_own.has_value());
  EXPECT_THAT(no_own.error().message(), HasSubstr("certificate_file '/nowhere/own.pem'"));
}

TEST(Refusal, SaysWhetherAnotherTokenOrServerHelps) {
  EXPECT_TRUE(refusal("e", 401, R"({"error":"etcdserver: invalid auth token"})").is(Errc::no_permission));
  EXPECT_TRUE(refusal("e", 400, R"({"error":"etcdserver: revision of auth store is old"})").is(Errc::no_permission));
  EXPECT_TRUE(refusal("e", 412, "etcdserver: authentication is not enabled").is(Errc::not_supported));
  EXPECT_TRUE(refusal("e", 404, "etcdserver: requested lease not found").is(Errc::query_not_found));
  EXPECT_TRUE(refusal("e", 503, "etcdserver: no leader").is(Errc::service_not_available));
}

TEST(Refusal, SaysWhatToDo) {
  EXPECT_THAT(refusal("e", 400, "etcdserver: user name is empty").message(), HasSubstr("set username"));
  EXPECT_THAT(refusal("e", 403, "etcdserver: permission denied").message(), HasSubstr("readwrite"));
  EXPECT_THAT(explain_broken_tls("tlsv13 alert certificate required"), HasSubstr("set certificate_file"));
  EXPECT_EQ(explain_broken_tls("Connection refused"), "Connection refused");
}

}  // namespace
}  // namespace tenon::election_etcd
