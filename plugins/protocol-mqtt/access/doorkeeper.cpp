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
Result<Parsed> read(const std::string& path) {
  const auto content = text_of(path);
  if (!content) return content.error();
  auto parsed = Parsed::parse(*content);
  if (!parsed) return Error(parsed.error().code(), tenon::text(path, ": ", parsed.error().message()));
  return parsed;
}

}  // namespace

Result<Doorkeeper> Doorkeeper::make(const std::string& password_file, const std::string& access_file) {
  Doorkeeper doorkeeper;
  if (!password_file.empty()) {
    auto passwords = read<PasswordFile>(password_file);
    if (!passwords) return passwords.error();
    doorkeeper.passwords_ = std::make_shared<const PasswordFile>(std::move(*passwords));
  }
  if (!access_file.empty()) {
    auto rules = read<AccessRules>(access_file);
    if (!rules) return rules.error();
    doorkeeper.rules_ = std::move(*rules);
  }
  return doorkeeper;
}

std::unique_ptr<Authentication> Doorkeeper::begin_authentication(std::string_view method) const {
  const auto hash = scram_hash_of(method);
  if (!hash || !passwords_) return nullptr;
  const auto find = [file = passwords_, hash](std::string_view name) { return file->scram_secret(name, *hash); };
  return begin_scram(*hash, find, passwords_->scram_shapes(*hash));
}

std::variant<ReasonCode, Doorkeeper::Check> Doorkeeper::authenticate(const Credentials& credentials,
                                                                     bool anonymous_allowed) const {
  if (!credentials.proven_name.empty()) return ReasonCode::success;
  if (!credentials.user_name) return anonymous_allowed ? ReasonCode::success : ReasonCode::not_authorized;
  // Without a password file a name is a label: who may come in without one may come in with one.
  if (!passwords_) return anonymous_allowed ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
  if (!passwords_->knows(*credentials.user_name)) return ReasonCode::bad_user_name_or_password;
  return [passwords = passwords_, name = std::string(*credentials.user_name),
          password = std::string(credentials.password.value_or(""))] {
    return passwords->accepts(name, password) ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
  };
}

}  // namespace tenon::protocol_mqtt
