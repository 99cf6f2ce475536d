// SPDX-License-Identifier: Apache-2.0
// A real etcd with TLS, client certificates and users, and the election over it.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "command_run.hpp"
#include "election-etcd/etcd_keys.hpp"
#include "etcd_process.hpp"
#include "protocol-mqtt/transport/testing/certificates.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using namespace std::chrono_literals;
using election_etcd::EtcdAccess;
using election_etcd::EtcdKeys;
using ::testing::HasSubstr;

constexpr auto kTtl = 5s;
constexpr auto kTimeout = 5s;

class EtcdAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(TENON_ETCD).empty()) GTEST_SKIP() << "etcd is not installed (Debian: etcd-server)";
    std::string name = std::filesystem::temp_directory_path() / "tenon-etcd-access-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    authority_.emplace(directory_, "authority");
    const auto server = authority_->sign("server", "etcd"), client = authority_->sign("client", "");
    etcd_.emplace(TENON_ETCD, EtcdTls{authority_->certificate_file(), server.certificate, server.key});
    access_.endpoints = {election_etcd::parse_endpoint("https://" + etcd_->address()).value()};
    access_.tls = {authority_->certificate_file(), client.certificate, client.key};
    tls_ = election_etcd::make_tls(access_.tls).value();
  }
  void TearDown() override {
    etcd_.reset();
    std::filesystem::remove_all(directory_);
  }

  /// A request of an administrator's.
  std::string ask(const std::string& path, const std::string& body, const std::string& token = {}) {
    const auto answer = election_etcd::exchange(access_.endpoints[0], {path, body, token}, tls_, kTimeout);
    EXPECT_TRUE(answer.has_value()) << path << ": " << (answer ? "" : answer.error().message());
    return answer ? *answer : std::string();
  }
  /// Users from now on: root, and broker, who may write below /tenon/ ("L3Rlbm9uLw==" to "L3Rlbm9uMA==", /tenon0).
  void introduce_users() {
    ask("/v3/auth/user/add", R"({"name":"root","password":"r"})");
    ask("/v3/auth/user/grant", R"({"user":"root","role":"root"})");
    ask("/v3/auth/role/add", R"({"name":"election"})");
    ask("/v3/auth/role/grant", R"({"name":"election","perm":{"permType":"READWRITE","key":"L3Rlbm9uLw==",)"
                               R"("range_end":"L3Rlbm9uMA=="}})");
    ask("/v3/auth/user/add", R"({"name":"broker","password":"b"})");
    ask("/v3/auth/user/grant", R"({"user":"broker","role":"election"})");
    ask("/v3/auth/enable", "{}");
  }
  EtcdKeys keys(const EtcdAccess& access) const { return {access, "/tenon/c/broker-a/", kTtl, kTimeout}; }
  static std::string why_not(EtcdKeys keys) {
    const auto seen = keys.read();
    return seen ? "it was let in" : seen.error().message();
  }
  std::string why_not(const EtcdAccess& access) const { return why_not(keys(access)); }
  /// An election of two, over TLS.
  std::vector<std::unique_ptr<BrokerProcess>> two_brokers(const BrokerProcess& name_server,
                                                          std::vector<std::string> settings = {}) const {
    settings.insert(settings.end(), {"plugins.ha.replication=sync", "plugins.election-etcd.lease_ttl=3s",
                                     text("plugins.election-etcd.endpoints=https://", etcd_->address()),
                                     "plugins.election-etcd.ca_file=" + access_.tls.ca_file,
                                     "plugins.election-etcd.certificate_file=" + access_.tls.certificate_file,
                                     "plugins.election-etcd.key_file=" + access_.tls.key_file});
    std::vector<std::unique_ptr<BrokerProcess>> brokers;
    for (const int id : {1, 2}) {
      brokers.push_back(std::make_unique<BrokerProcess>(replicated_broker(name_server.address(), id, settings)));
    }
    return brokers;
  }
  /// Empty: it was done.
  template <class Outcome>
  static std::string complaint(const Outcome& outcome) {
    return outcome ? std::string() : outcome.error().message();
  }

  std::filesystem::path directory_;
  std::optional<protocol_mqtt::TestAuthority> authority_;
  std::optional<EtcdProcess> etcd_;
  EtcdAccess access_;
  election_etcd::TlsContext tls_;
};

TEST_F(EtcdAccessTest, AnElectionOverTls) {
  auto etcd = keys(access_);
  const auto lease = etcd.grant_lease();
  ASSERT_TRUE(lease.has_value()) << lease.error().message();
  EXPECT_TRUE(etcd.keep_alive(*lease).has_value());
  EXPECT_TRUE(etcd.report(*lease, {1, 0, {3, 100}}).has_value());
  const auto seen = etcd.read();
  ASSERT_TRUE(seen.has_value());
  ASSERT_EQ(seen->reports.size(), 1U);
  EXPECT_TRUE(etcd.campaign(*lease, 1, *seen, 7).value());
  EXPECT_FALSE(etcd.campaign(*lease, 2, *seen, 8).value()) << "somebody leads";
  EXPECT_EQ(etcd.read()->leader, 1);
  etcd.revoke(*lease);
  EXPECT_EQ(etcd.read()->leader, std::nullopt);
}

TEST_F(EtcdAccessTest, WhoIsNotTrustedHearsWhatToDo) {
  EtcdAccess another = access_;
  another.tls.ca_file = protocol_mqtt::TestAuthority(directory_, "another").certificate_file();
  EXPECT_THAT(why_not(another), HasSubstr("ca_file must name who signed it"));
  EtcdAccess nobody = access_;
  nobody.tls.certificate_file = nobody.tls.key_file = "";
  EXPECT_THAT(why_not(nobody), HasSubstr("set certificate_file and key_file"));
  EtcdAccess plain = access_;
  plain.endpoints[0].tls = false;
  EXPECT_THAT(why_not(plain), ::testing::AnyOf(HasSubstr("answered 400"), HasSubstr("end of stream")));
}

TEST_F(EtcdAccessTest, AUsersTokenIsRenewed) {
  EtcdAccess user = access_;
  user.username = "broker";
  user.password = "b";
  auto early = keys(user);
  EXPECT_EQ(complaint(early.read()), "") << "etcd has no users yet";
  introduce_users();
  EXPECT_EQ(complaint(early.read()), "") << "it logs in when it must";
  const auto lease = early.grant_lease();
  ASSERT_TRUE(lease.has_value()) << lease.error().message();
  EXPECT_EQ(complaint(early.report(*lease, {1, 0, {3, 100}})), "");
  ASSERT_EQ(complaint(early.read()), "");
  EXPECT_TRUE(early.campaign(*lease, 1, *early.read(), 7).value());
  etcd_->kill();
  etcd_->start_again();  // it has forgotten all tokens
  EXPECT_EQ(complaint(early.keep_alive(*lease)), "");
  EXPECT_EQ(complaint(early.note_confirmed(1, 50)), "");
  ASSERT_EQ(complaint(early.read()), "");
  EXPECT_EQ(early.read()->confirmed, 50);
}

TEST_F(EtcdAccessTest, WhoMayNotHearsWhatToDo) {
  introduce_users();
  EXPECT_THAT(why_not(access_), HasSubstr("username must be a user of etcd"));
  EtcdAccess named = access_;
  const auto named_files = authority_->sign("named", "broker");
  named.tls.certificate_file = named_files.certificate;
  named.tls.key_file = named_files.key;
  EXPECT_THAT(why_not(named), HasSubstr("must have no common name"));
  EtcdAccess wrong = access_;
  wrong.username = "broker";
  wrong.password = "x";
  EXPECT_THAT(why_not(wrong), HasSubstr("look at username and password_file"));
  wrong.password = "b";
  EXPECT_THAT(why_not(EtcdKeys(wrong, "/other/c/broker-a/", kTtl, kTimeout)), HasSubstr("readwrite"));
}

TEST_F(EtcdAccessTest, TheNextEndpointAnswersWhenOneIsGone) {
  EtcdAccess two = access_;
  two.endpoints.insert(two.endpoints.begin(), election_etcd::parse_endpoint("https://127.0.0.1:1").value());
  EXPECT_TRUE(keys(two).read().has_value());
}

TEST_F(EtcdAccessTest, BrokersElectAMasterAsAUserOverTls) {
  introduce_users();
  const std::string password = directory_ / "password";
  std::ofstream(password) << "b\n";
  const BrokerProcess name_server({.config = kNameServer});
  const auto brokers = two_brokers(
      name_server, {"plugins.election-etcd.username=broker", "plugins.election-etcd.password_file=" + password});
  EXPECT_TRUE(becomes_true(
      [&] { return has_a_slave_in_sync(brokers[0]->address()) || has_a_slave_in_sync(brokers[1]->address()); }));
}

TEST_F(EtcdAccessTest, AMasterWithoutALeaseIsToldFromOneThatCrashed) {
  const BrokerProcess name_server({.config = kNameServer});
  const auto brokers = two_brokers(name_server);
  BrokerProcess* master = nullptr;
  ASSERT_TRUE(becomes_true([&] {
    for (const auto& broker : brokers) {
      if (ha_status(broker->address()).bool_or("isMaster", false)) master = broker.get();
    }
    return master != nullptr;
  }));
  const auto ends = [&] { return master->has_ended(); };
  EXPECT_FALSE(ends());
  etcd_->kill();
  ASSERT_TRUE(becomes_true(ends));
  EXPECT_EQ(master->ended_with(), EXIT_FAILURE);
  EXPECT_TRUE(lost_its_lease(*master)) << master->log_of_last_run();

  master->start_again();
  master->signal(SIGABRT);
  ASSERT_TRUE(becomes_true(ends));
  EXPECT_EQ(master->ended_with(), 128 + SIGABRT);
  EXPECT_FALSE(lost_its_lease(*master)) << "what the run before said";
}

TEST(EtcdKeysOfTheConfiguration, AllMistakesAreNamedAtOnce) {
  const std::string file = ::testing::TempDir() + "etcd-mistakes.toml";
  std::ofstream(file) << R"([broker]
data_dir = "data"
id = 1

[plugins.store]
type = "store-mmap"

[plugins.filter-tag]

[plugins.ha]
replication = "sync"

[plugins.election-etcd]
endpoints = ["https://a:1", "b"]
certificate_file = "/nowhere/own.pem"
username = "u"

[plugins.native]
type = "protocol-native"
)";
  const CommandRun run = run_tenon({"config", "check", "-c", file});
  std::filesystem::remove(file);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.errors, HasSubstr("'b' is no endpoint such as \"https://etcd-1:2379\""));
  EXPECT_THAT(run.errors, HasSubstr("certificate_file and key_file belong together"));
  EXPECT_THAT(run.errors, HasSubstr("username and password_file belong together"));
}

}  // namespace
}  // namespace tenon::e2e
