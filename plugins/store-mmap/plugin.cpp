// SPDX-License-Identifier: Apache-2.0
#include "logstore/store_plugin.hpp"

namespace tenon::store_mmap {

/// Hands records out as bytes of the mapping.
class StoreMmapPlugin final : public logstore::StorePlugin {
  using StorePlugin::StorePlugin;
  void choose(logstore::StoreOptions& options) const override { options.read = logstore::ReadMode::mapping; }
};

}  // namespace tenon::store_mmap

TENON_PLUGIN(tenon::store_mmap::StoreMmapPlugin, "tenon.store-mmap", TENON_SDK_VERSION, TENON_STORE_PROVIDES, "")
