// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_refusal.hpp"

#include "tenon/text.hpp"

namespace tenon::election_etcd {
namespace {

/// Some words of etcd's, what they mean, and what a person can do.
struct Known {
  std::string_view words;
  Errc meaning;
  std::string_view advice;
};

constexpr Known kKnown[] = {
    {"invalid auth token", Errc::no_permission, ""},
    {"revision of auth store is old", Errc::no_permission, ""},
    {"user name is empty", Errc::no_permission, "; etcd has users: set username and password_file"},
    {"authentication is not enabled", Errc::not_supported, ""},
    {"invalid user ID or password", Errc::internal, "; look at username and password_file"},
    {"CommonName of client sending a request against gateway", Errc::internal,
     "; where etcd has users, the certificate in certificate_file must have no common name (alternative names may be)"},
    // Also what etcd says to nobody, where it takes its own certificate for that of the client.
    {"permission denied", Errc::no_permission,
     "; username must be a user of etcd, with a role that has the permission readwrite for the keys that begin with "
     "prefix"},
};

constexpr unsigned kUnauthorized = 401, kNotFound = 404, kServerError = 500;

}  // namespace

Error refusal(std::string_view endpoint, unsigned status, std::string_view body) {
  const std::string said = text(endpoint, " answered ", status, ": ", body.substr(0, 200));
  for (const Known& known : kKnown) {
    if (body.find(known.words) != std::string_view::npos) return Error(known.meaning, text(said, known.advice));
  }
  if (status == kUnauthorized) return Error(Errc::no_permission, said);
  if (status == kNotFound) return Error(Errc::query_not_found, said);
  // This server cannot, as one that is cut off from the others.
  return Error(status >= kServerError ? Errc::service_not_available : Errc::internal, said);
}

std::string explain_broken_tls(std::string_view reason) {
  const auto says = [reason](std::string_view words) { return reason.find(words) != std::string_view::npos; };
  if (says("certificate required") || says("bad certificate") || says("unknown ca"))
    return text(reason,
                "; etcd asks for a certificate that its --trusted-ca-file has signed: set certificate_file and ",
                "key_file");
  if (says("wrong version number")) return text(reason, "; it speaks no TLS there: write http:// in endpoints");
  return std::string(reason);
}

}  // namespace tenon::election_etcd
