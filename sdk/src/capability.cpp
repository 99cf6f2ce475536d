// SPDX-License-Identifier: Apache-2.0
// Key functions of the SDK's interfaces, so that each has one vtable and one type_info in the runtime.
#include "tenon/capability.hpp"

#include <limits>

#include "tenon/broker_identity.hpp"
#include "tenon/client_channel.hpp"
#include "tenon/config.hpp"
#include "tenon/filter.hpp"
#include "tenon/host.hpp"
#include "tenon/message_store.hpp"
#include "tenon/plugin.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/services.hpp"
#include "tenon/statistics.hpp"
#include "tenon/topics.hpp"

namespace tenon {

Capability::~Capability() = default;
std::vector<std::pair<std::string, std::string>> BrokerIdentity::settings() const { return {}; }
ClientChannel::~ClientChannel() = default;
CompiledFilter::~CompiledFilter() = default;
ConfigSection::~ConfigSection() = default;
Diagnostics::~Diagnostics() = default;
Host::~Host() = default;
const std::vector<boost::asio::any_io_executor>& Host::catch_up_executors() {
  static const std::vector<boost::asio::any_io_executor> none;
  return none;
}
void Host::run_loop(boost::asio::io_context& context) { context.run(); }
void Host::announce_listener(std::string_view, std::string_view) {}
void Host::report_degraded(std::string_view, std::string_view) {}
void Host::clear_degraded(std::string_view) {}
std::string Host::health() const { return {}; }
PublishCompletion::~PublishCompletion() = default;
PullCompletion::~PullCompletion() = default;
Services::~Services() = default;
void Statistics::count_incident(std::string_view) {}
std::vector<std::pair<std::string, std::int64_t>> Statistics::incidents() const { return {}; }

std::size_t Topics::room() const { return std::numeric_limits<std::size_t>::max(); }

void Topics::put_all(std::vector<TopicConfig> configs, Done done) {
  if (configs.empty()) return done(Status{});
  TopicConfig last = std::move(configs.back());
  configs.pop_back();
  put(std::move(last), [this, rest = std::move(configs), done = std::move(done)](const Status& status) mutable {
    if (!status) return done(status);
    put_all(std::move(rest), std::move(done));
  });
}

ReadResult::ReadResult() = default;
ReadResult::ReadResult(ReadResult&&) noexcept = default;
ReadResult& ReadResult::operator=(ReadResult&&) noexcept = default;
ReadResult::~ReadResult() = default;

Plugin::~Plugin() = default;
std::span<const ConfigKey> Plugin::config_keys() const { return {}; }
void Plugin::configure(const ConfigSection&, Diagnostics&) {}
void Plugin::wire(Services&) {}
void Plugin::start() {}
void Plugin::serve() {}
void Plugin::reload(const ConfigSection&) {}
void Plugin::drain(std::chrono::steady_clock::time_point) {}
void Plugin::stop() noexcept {}

}  // namespace tenon
