// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/election_keys.hpp"

#include <algorithm>
#include <fstream>

namespace tenon::election_etcd {
namespace {

constexpr ConfigKey kKeys[] = {
    {.name = "endpoints",
     .type = ConfigType::string_list,
     .default_value = R"(["http://127.0.0.1:2379"])",
     .meaning =
         "etcd servers, their client addresses: https://host:port, http://host:port or host:port, which is HTTP."},
    {.name = "ca_file",
     .type = ConfigType::path,
     .meaning = "Who has signed the certificates of etcd, PEM; empty: whom this machine trusts."},
    {.name = "certificate_file",
     .type = ConfigType::path,
     .meaning = "The certificate of this broker as a client of etcd, PEM; empty: none. Read again when etcd is lost."},
    {.name = "key_file",
     .type = ConfigType::path,
     .meaning = "The key of certificate_file, PEM without a passphrase. Read again when etcd is lost."},
    {.name = "username", .meaning = "A user of etcd that may read and write the keys below prefix; empty: none."},
    {.name = "password_file", .type = ConfigType::path, .meaning = "Its first line is the password of the user."},
    {.name = "prefix",
     .default_value = "/tenon/",
     .meaning = "Where the keys lie in etcd; cluster and broker name follow. Ends with a slash."},
    {.name = "members",
     .type = ConfigType::integer,
     .default_value = "2",
     .meaning = "Brokers of this name, dead or alive: the same number in the configuration of each.",
     .minimum = 2,
     .maximum = 9},
    {.name = "lease_ttl",
     .type = ConfigType::duration,
     .default_value = "10s",
     .meaning = "How long a master that is gone keeps its place; it acknowledges nothing after two thirds of it.",
     .minimum = 3'000,
     .maximum = 300'000},
    {.name = "allow_loss",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Elect also with replication = async: what the old master had not passed on is lost."},
};

std::vector<Endpoint> read_endpoints(const ConfigSection& section, Diagnostics& complaints) {
  std::vector<Endpoint> endpoints;
  for (const std::string& words : section.list("endpoints")) {
    auto endpoint = parse_endpoint(words);
    endpoint ? endpoints.push_back(*std::move(endpoint)) : complaints.error("endpoints", endpoint.error().message());
  }
  if (section.list("endpoints").empty()) complaints.error("endpoints", "at least one is needed");
  return endpoints;
}

void read_user(const ConfigSection& section, Diagnostics& complaints, EtcdAccess& access) {
  access.username = section.string("username");
  const std::string file = section.string("password_file");
  if (access.username.empty() != file.empty())
    return complaints.error("username", "username and password_file belong together: set both or none");
  if (file.empty()) return;
  std::ifstream lines(file);
  if (!std::getline(lines, access.password) || access.password.empty())
    complaints.error("password_file", "it cannot be read, or its first line is empty");
}

void read_tls(const ConfigSection& section, Diagnostics& complaints, EtcdAccess& access) {
  access.tls = {section.string("ca_file"), section.string("certificate_file"), section.string("key_file")};
  const bool names_files = !access.tls.ca_file.empty() || !access.tls.certificate_file.empty();
  const auto is_plain = [](const Endpoint& endpoint) { return !endpoint.tls; };
  if (access.tls.certificate_file.empty() != access.tls.key_file.empty())
    return complaints.error("certificate_file", "certificate_file and key_file belong together: set both or none");
  if (std::ranges::all_of(access.endpoints, is_plain)) {
    if (names_files) complaints.error("endpoints", "ca_file and certificate_file are of use only with https://");
    return;
  }
  if (const auto context = make_tls(access.tls); !context) complaints.error("ca_file", context.error().message());
}

}  // namespace

std::span<const ConfigKey> election_keys() { return kKeys; }

EtcdAccess read_access(const ConfigSection& section, Diagnostics& complaints) {
  EtcdAccess access;
  access.endpoints = read_endpoints(section, complaints);
  read_user(section, complaints, access);
  read_tls(section, complaints, access);
  return access;
}

}  // namespace tenon::election_etcd
