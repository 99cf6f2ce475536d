// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <optional>

#include "logstore/store_capabilities.hpp"
#include "logstore/store_keys.hpp"

namespace tenon::store_mmap {

/// Lifecycle shell of the mmap store.
class StoreMmapPlugin final : public Plugin {
 public:
  explicit StoreMmapPlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return logstore::store_keys(); }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    logstore::StoreOptions options = logstore::read_store_options(section, complaints);
    flushes_synchronously_ = options.flush == logstore::FlushMode::sync;
    if (options.directory.empty()) options.directory = host_.data_dir();
    options.log = host_.log();
    options.report_fault = [this](std::string_view reason) { host_.report_fault(reason, false); };
    options.report_degraded = [this](std::string_view what, std::string_view reason) {
      reason.empty() ? host_.clear_degraded(what) : host_.report_degraded(what, reason);
    };
    options.report_progress = [this](std::string_view what) { host_.report_progress(what); };
    store_.emplace(std::move(options));
  }

  void wire(Services& services) override {
    services.provide<MessageStore>(*store_);
    services.provide<LogTap>(*store_);
    services.provide<TagsCodeRules>(*store_);
    if (flushes_synchronously_) services.provide<CommitGate>(*store_);
    services.provide<AppendGathering>(*store_);
  }

  void start() override {
    if (Status opened = store_->log_store().open(); !opened) throw Failure(opened.error());
  }
  void drain(std::chrono::steady_clock::time_point) override { store_->log_store().drain(); }
  void stop() noexcept override {
    if (store_) store_->log_store().close();
  }

 private:
  Host& host_;
  bool flushes_synchronously_ = false;
  std::optional<logstore::StoreCapabilities> store_;
};

}  // namespace tenon::store_mmap

TENON_PLUGIN(
    tenon::store_mmap::StoreMmapPlugin, "tenon.store-mmap", "0.1.0",
    "tenon.message-store/1; tenon.log-tap/1; tenon.tags-code-rules/1; tenon.commit-gate/1?; tenon.append-gathering/1",
    "")
