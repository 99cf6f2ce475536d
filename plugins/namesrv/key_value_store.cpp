// SPDX-License-Identifier: Apache-2.0
#include "namesrv/key_value_store.hpp"

#include <utility>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "state_file/state_file.hpp"

namespace tenon::namesrv {
namespace {

using Namespaces = std::map<std::string, KeyValueConfig::Table, std::less<>>;

Status check_size(const Namespaces& namespaces) {
  std::size_t bytes = 0;
  for (const auto& [name_space, table] : namespaces) {
    bytes += name_space.size();
    for (const auto& [key, value] : table) bytes += key.size() + value.size();
  }
  if (bytes <= KeyValueStore::kBytesMax) return {};
  return Error(Errc::busy, text("the key-value configuration would have ", bytes, " bytes, at most ",
                                KeyValueStore::kBytesMax, " are allowed"));
}

Result<Namespaces> decode(std::string_view json) {
  const Result<fastjson::Value> parsed = fastjson::parse(json, fastjson::kOwnFile, fastjson::References::none);
  if (!parsed) return parsed.error();
  const fastjson::Value* tables = parsed->find("configTable");
  if (tables == nullptr || !tables->is_object())
    return Error(Errc::corrupt, "there is no object \"configTable\" in it");
  Namespaces read;
  for (const auto& [name_space, entries] : tables->members()) {
    if (!entries.is_object()) return Error(Errc::corrupt, "a namespace in it is no object");
    KeyValueConfig::Table& table = read[name_space.as_text().value_or("")];
    for (const auto& [key, value] : entries.members()) table[key.as_text().value_or("")] = value.as_text().value_or("");
  }
  return read;
}

}  // namespace

Status KeyValueStore::open(std::filesystem::path file, const Logger& log) {
  Namespaces read;
  const auto take = [&read](std::string_view content) -> Status {
    auto decoded = decode(content);
    if (!decoded) return decoded.error();
    read = std::move(*decoded);
    return {};
  };
  if (const auto taken = state_file::read_decodable(file, take, log); !taken) return taken.error();
  const std::lock_guard change(writing_);
  const std::unique_lock lock(mutex_);
  file_ = std::move(file);
  namespaces_ = std::move(read);
  return {};
}

Status KeyValueStore::persist(const Namespaces& changed) {
  std::string json;
  fastjson::Writer writer(json);
  writer.begin_object().key("configTable").begin_object();
  for (const auto& [name_space, table] : changed) {
    writer.key(name_space).begin_object();
    for (const auto& [key, value] : table) writer.member(key, value);
    writer.end_object();
  }
  writer.end_object().end_object();
  return state_file::replace(file_, json);
}

Status KeyValueStore::put(std::string_view name_space, std::string_view key, std::string_view value) {
  const std::lock_guard change(writing_);
  Namespaces changed = namespaces_;
  changed[std::string(name_space)].insert_or_assign(std::string(key), std::string(value));
  if (Status fits = check_size(changed); !fits) return fits;
  if (Status written = persist(changed); !written) return written;
  const std::unique_lock lock(mutex_);
  namespaces_ = std::move(changed);
  return {};
}

Status KeyValueStore::remove(std::string_view name_space, std::string_view key) {
  const std::lock_guard change(writing_);
  Namespaces changed = namespaces_;
  const auto found = changed.find(name_space);
  if (found == changed.end() || found->second.erase(std::string(key)) == 0) return {};
  if (Status written = persist(changed); !written) return written;
  const std::unique_lock lock(mutex_);
  namespaces_ = std::move(changed);
  return {};
}

std::optional<std::string> KeyValueStore::find(std::string_view name_space, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto found = namespaces_.find(name_space);
  if (found == namespaces_.end()) return std::nullopt;
  const auto entry = found->second.find(std::string(key));
  return entry == found->second.end() ? std::nullopt : std::optional(entry->second);
}

std::optional<KeyValueConfig::Table> KeyValueStore::table(std::string_view name_space) const {
  const std::shared_lock lock(mutex_);
  const auto found = namespaces_.find(name_space);
  return found == namespaces_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tenon::namesrv
