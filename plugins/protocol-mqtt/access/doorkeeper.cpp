// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/doorkeeper.hpp"

#include <fstream>
#include <sstream>

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

namespace {

Result<std::string> text_of(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error(Errc::io, tenon::text("cannot read ", path));
  return text.str();
}

template <class Parsed>
Status read_into(std::optional<Parsed>& parsed, const std::string& path) {
  if (path.empty()) return {};
  const auto content = text_of(path);
  if (!content) return content.error();
  auto result = Parsed::parse(*content);
  if (!result) return Error(result.error().code(), tenon::text(path, ": ", result.error().message()));
  parsed = std::move(*result);
  return {};
}

}  // namespace

Result<Doorkeeper> Doorkeeper::make(const std::string& password_file, const std::string& access_file) {
  Doorkeeper doorkeeper;
  if (const Status read = read_into(doorkeeper.passwords_, password_file); !read) return read.error();
  if (const Status read = read_into(doorkeeper.rules_, access_file); !read) return read.error();
  return doorkeeper;
}

ReasonCode Doorkeeper::authenticate(const Credentials& credentials, bool anonymous_allowed) const {
  if (!credentials.user_name) return anonymous_allowed ? ReasonCode::success : ReasonCode::not_authorized;
  // Without a password file a name is a label: who may come in without one may come in with one.
  if (!passwords_) return anonymous_allowed ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
  const bool known = passwords_->accepts(*credentials.user_name, credentials.password.value_or(""));
  return known ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
}

}  // namespace tenon::protocol_mqtt
