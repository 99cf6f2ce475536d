// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "tenon/build_fingerprint.hpp"
#include "tenon/config.hpp"
#include "tenon/export.hpp"
#include "tenon/host.hpp"
#include "tenon/services.hpp"

namespace tenon {

inline constexpr std::uint32_t kPluginNoteMagic = 0x4E4F4E54;  // "TNON"
/// Raised on every incompatible change of the SDK.
inline constexpr std::uint16_t kSdkEpoch = 1;

/// Identity card of a plug-in: plain bytes without pointers in the ELF section `tenonplugin`, so that the kernel and
/// `tenon plugin inspect` read it from the file before any code of the plug-in runs. Strings are NUL-terminated UTF-8.
struct PluginNote {
  std::uint32_t magic;
  std::uint16_t size;  ///< sizeof(PluginNote) as the plug-in saw it.
  std::uint16_t sdk_epoch;
  char fingerprint[256];  ///< TENON_BUILD_FINGERPRINT of the plug-in's build; must equal the kernel's.
  char id[64];            ///< "tenon.filter-tag"; reverse DNS for third parties.
  char version[24];
  char provides[256];   ///< "tenon.filter-compiler/1:TAG; ...": capability/revision, ":key" where keyed.
  char requires_[512];  ///< "tenon.message-store/1; tenon.delivery-scheduler/1?"; '?' = optional.
};

/// Base of every plug-in. The phases come in this order, each for all plug-ins in dependency order before the next
/// begins; drain and stop come in reverse order.
///
/// | phase       | may                                   | may not                          |
/// |-------------|---------------------------------------|----------------------------------|
/// | constructor | keep `host&`                          | call the host, touch disk, threads |
/// | configure   | take values, complain                 | do I/O                           |
/// | wire        | provide, require, find                | call into what it found          |
/// | start       | recover files, bind listeners; block  | accept connections, return before it is ready to serve |
/// | serve       | accept connections, begin its own work | take long                       |
/// | drain       | refuse new work, finish work in flight | go on beyond the deadline       |
/// | stop        | flush, close, join                    | fail                             |
///
/// Between start and serve the kernel makes sure that no other broker is the master of this broker's name. A client
/// that connects to a bound listener before then waits in the listener's queue, so no plug-in has to answer "not yet".
///
/// If start() of plug-in k throws, plug-ins k-1 ... 1 are drained and stopped and the process ends with that error; if
/// serve() of any throws, all are. stop() is called for a plug-in whose start() threw, too, and drain() for one whose
/// serve() was never called.
/// Threads: all phases run on the `ctl` thread, one after the other.
class TENON_EXPORT Plugin {
 public:
  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin();

  /// The keys of the plug-in's TOML table besides `type`. Literals; called before configure().
  virtual std::span<const ConfigKey> config_keys() const;
  virtual void configure(const ConfigSection& section, Diagnostics& complaints);
  virtual void wire(Services& services);
  virtual void start();
  virtual void serve();
  /// SIGHUP: keys declared `Reload::live` may have changed, and files that keys name. Called at every SIGHUP whose
  /// configuration was in order. What cannot be taken over stays as it was; throwing only logs it.
  virtual void reload(const ConfigSection& section);
  virtual void drain(std::chrono::steady_clock::time_point deadline);
  virtual void stop() noexcept;
};

}  // namespace tenon

/// Defines the two symbols that a plug-in exports. Once per plug-in, in plugin.cpp:
///     TENON_PLUGIN(FilterTagPlugin, "tenon.filter-tag", "0.1.0", "tenon.filter-compiler/1:TAG", "")
/// `Type` derives from tenon::Plugin and is constructed with `tenon::Host&`.
#define TENON_PLUGIN(Type, Id, Version, Provides, Requires)                \
  extern "C" TENON_EXPORT __attribute__((section("tenonplugin"), used))    \
  const ::tenon::PluginNote tenon_plugin_note{::tenon::kPluginNoteMagic,   \
                                              sizeof(::tenon::PluginNote), \
                                              ::tenon::kSdkEpoch,          \
                                              TENON_BUILD_FINGERPRINT,     \
                                              Id,                          \
                                              Version,                     \
                                              Provides,                    \
                                              Requires};                   \
  extern "C" TENON_EXPORT ::tenon::Plugin* tenon_plugin_create(::tenon::Host& host) { return new Type(host); }
