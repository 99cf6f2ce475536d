// SPDX-License-Identifier: Apache-2.0
#include "logstore/store_plugin.hpp"

namespace tenon::store_sendfile {

/// Hands long runs of records out as ranges of the file.
class StoreSendfilePlugin final : public logstore::StorePlugin {
  using StorePlugin::StorePlugin;
  void choose(logstore::StoreOptions& options) const override { options.read = logstore::ReadMode::file; }
};

}  // namespace tenon::store_sendfile

TENON_PLUGIN(tenon::store_sendfile::StoreSendfilePlugin, "tenon.store-sendfile", TENON_SDK_VERSION,
             TENON_STORE_PROVIDES, "")
