// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

struct Entry {
  std::string name_space;
  std::string key;
};

/// Answers and returns nothing when one of the two is missing.
std::optional<Entry> entry_of(Request& request) {
  Entry entry{std::string(request.text("namespace")), std::string(request.text("key"))};
  if (!entry.name_space.empty() && !entry.key.empty()) return entry;
  request.fail(ResponseCode::system_error, "namespace or key is null");
  return std::nullopt;
}

/// Changes are written to the disk before they are answered, so they leave the connection's thread.
template <class Change>
void change_on_disk(Request& request, Change change) {
  answer_from_disk(request, [change = std::move(change)](const BrokerServices& services) {
    const Status changed = change(*services.key_values);
    if (!changed) throw Failure(changed.error());
    return Answer();
  });
}

void put(Request& request) {
  auto entry = entry_of(request);
  if (!entry) return;
  change_on_disk(request, [entry = *entry, value = std::string(request.text("value"))](KeyValueConfig& store) {
    return store.put(entry.name_space, entry.key, value);
  });
}

void remove(Request& request) {
  auto entry = entry_of(request);
  if (!entry) return;
  change_on_disk(request,
                 [entry = *entry](KeyValueConfig& store) { return store.remove(entry.name_space, entry.key); });
}

void get(Request& request) {
  const auto entry = entry_of(request);
  if (!entry) return;
  const auto value = request.services().key_values->find(entry->name_space, entry->key);
  if (value) return request.succeed({{"value", *value}});
  request.fail(ResponseCode::query_not_found,
               text("No config item, Namespace: ", entry->name_space, " Key: ", entry->key));
}

void list(Request& request) {
  const std::string_view name_space = request.text("namespace");
  const auto table = request.services().key_values->table(name_space);
  if (table) return request.succeed_with_body(key_value_table_body(*table));
  request.fail(ResponseCode::query_not_found, text("No config item, Namespace: ", name_space));
}

}  // namespace

void add_key_value_handlers(HandlerTable& table) {
  table.add(RequestCode::put_kv_config, put);
  table.add(RequestCode::get_kv_config, get);
  table.add(RequestCode::delete_kv_config, remove);
  table.add(RequestCode::get_kvlist_by_namespace, list);
}

}  // namespace tenon::protocol_native
