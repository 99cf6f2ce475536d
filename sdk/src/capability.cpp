// SPDX-License-Identifier: Apache-2.0
// Key functions of the SDK's interfaces, so that each has one vtable and one type_info in the runtime.
#include "tenon/capability.hpp"

#include "tenon/client_channel.hpp"
#include "tenon/config.hpp"
#include "tenon/filter.hpp"
#include "tenon/host.hpp"
#include "tenon/message_store.hpp"
#include "tenon/plugin.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/services.hpp"

namespace tenon {

Capability::~Capability() = default;
ClientChannel::~ClientChannel() = default;
CompiledFilter::~CompiledFilter() = default;
ConfigSection::~ConfigSection() = default;
Diagnostics::~Diagnostics() = default;
Host::~Host() = default;
void Host::announce_listener(std::string_view, std::string_view) {}
PublishCompletion::~PublishCompletion() = default;
PullCompletion::~PullCompletion() = default;
Services::~Services() = default;

ReadResult::ReadResult() = default;
ReadResult::ReadResult(ReadResult&&) noexcept = default;
ReadResult& ReadResult::operator=(ReadResult&&) noexcept = default;
ReadResult::~ReadResult() = default;

Plugin::~Plugin() = default;
std::span<const ConfigKey> Plugin::config_keys() const { return {}; }
void Plugin::configure(const ConfigSection&, Diagnostics&) {}
void Plugin::wire(Services&) {}
void Plugin::start() {}
void Plugin::reload(const ConfigSection&) {}
void Plugin::drain(std::chrono::steady_clock::time_point) {}
void Plugin::stop() noexcept {}

}  // namespace tenon
