// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "logstore/store_capabilities.hpp"
#include "logstore/store_keys.hpp"
#include "tenon/plugin.hpp"

/// What both engines say of themselves in their notes; the gate only with flush = "sync", the keeper only with
/// filter_bit_maps.
#define TENON_STORE_PROVIDES                                                                     \
  "tenon.message-store/2; tenon.log-tap/2; tenon.tags-code-rules/1; tenon.commit-gate/1?; "      \
  "tenon.readable-end/1; tenon.append-gathering/1; tenon.append-hints/1; tenon.batch-queues/1; " \
  "tenon.filter-bit-map-keeper/1?"

namespace tenon::logstore {

/// Lifecycle shell of a store plug-in: an engine is what it does to the options. Included by plug-ins only.
class StorePlugin : public Plugin {
 public:
  explicit StorePlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return store_keys(); }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    StoreOptions options = read_store_options(section, complaints);
    keeps_bit_maps_ = section.boolean("filter_bit_maps");
    choose(options);
    flushes_synchronously_ = options.flush == FlushMode::sync;
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
    services.provide<ReadableEnd>(*store_);
    services.provide<LogTap>(*store_);
    services.provide<TagsCodeRules>(*store_);
    if (flushes_synchronously_) services.provide<CommitGate>(*store_);
    services.provide<AppendGathering>(*store_);
    services.provide<AppendHints>(*store_);
    services.provide<BatchQueues>(*store_);
    if (keeps_bit_maps_) services.provide<FilterBitMapKeeper>(*store_);
  }

  void start() override {
    if (Status opened = store_->log_store().open(); !opened) throw Failure(opened.error());
  }
  void drain(std::chrono::steady_clock::time_point) override { store_->log_store().drain(); }
  void stop() noexcept override {
    if (store_) store_->log_store().close();
  }

 private:
  /// The engine's choice of how bytes get in and out.
  virtual void choose(StoreOptions& options) const = 0;

  Host& host_;
  bool flushes_synchronously_ = false, keeps_bit_maps_ = false;
  std::optional<StoreCapabilities> store_;
};

}  // namespace tenon::logstore
