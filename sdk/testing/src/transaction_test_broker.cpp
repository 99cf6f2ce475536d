// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/transaction_test_broker.hpp"

#include <span>
#include <stdexcept>
#include <thread>

#include "record/record_view.hpp"
#include "transaction_world.hpp"

namespace tenon::testing {
namespace {

std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Complaints final : public Diagnostics {
 public:
  void error(std::string_view key, std::string_view message) override {
    throw std::logic_error(text("setting ", key, ": ", message));
  }
};

}  // namespace

TextSection::TextSection(std::span<const ConfigKey> keys, const std::map<std::string, std::string>& values) {
  for (const ConfigKey& key : keys) values_[std::string(key.name)] = key.default_value;
  for (const auto& [key, value] : values) {
    if (!values_.contains(key)) throw std::logic_error("the plug-in has no key " + key);
    values_[key] = value;
    set_.insert(key);
  }
}

std::pair<std::int64_t, std::string> TextSection::number_in(const std::string& text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
  return {number, std::string(end, text.data() + text.size())};
}

std::int64_t TextSection::size_bytes(std::string_view key) const {
  const auto [number, unit] = number_in(value(key));
  return number * (unit == "KiB" ? 1024 : unit == "MiB" ? 1024 * 1024 : 1);
}

std::chrono::milliseconds TextSection::duration(std::string_view key) const {
  const auto [number, unit] = number_in(value(key));
  const std::int64_t factor = unit == "h" ? 3'600'000 : unit == "m" ? 60'000 : unit == "s" ? 1'000 : 1;
  return std::chrono::milliseconds(number * factor);
}

std::chrono::microseconds TextSection::short_duration(std::string_view key) const {
  const auto [number, unit] = number_in(value(key));
  return unit == "us" ? std::chrono::microseconds(number) : duration(key);
}

Status ProducerChannel::check_transaction(const TransactionCheck& check) {
  const PropertiesView properties(check.message.properties);
  ReceivedCheck received;
  received.topic = check.message.topic;
  received.body = as_string(check.message.body);
  received.queue_id = check.message.queue_id;
  received.producer_group = properties.find(property::producer_group).value_or("");
  received.unique_key = properties.find(property::unique_key).value_or("");
  received.half_offset = check.half_offset;
  received.half_physical_offset = check.half_physical_offset;
  checks_.push_back(std::move(received));
  return {};
}

Result<AppendReceipt> TestDelivery::deliver(const Message& message, const DeliveryOptions& options) {
  if (appends_left <= 0) return Error(Errc::service_not_available, "the process is dead");
  --appends_left;
  interceptors_after.push_back(options.interceptors_after);
  Message stored = message;
  if (stored.store_host.port() == 0) stored.store_host = identity_.advertised_address();
  return store_.append(stored);
}

struct TransactionTestBroker::World {
  TemporaryDirectory directory;
  ManualHost host{directory.path()};
  MemoryMessageStore store{[this] { return host.clock_ms; }};
  FixedIdentity identity;
  TestDelivery delivery{store, identity};
  TestOffsets offsets;
  TestClients clients;
  std::vector<ReceivedCheck> checks;
  ListedServices services;
  PublishInterceptor* interceptor = nullptr;
  TransactionCoordinator* coordinator = nullptr;
};

TransactionTestBroker::TransactionTestBroker(MakePlugin make, std::map<std::string, std::string> settings)
    : make_(std::move(make)), settings_(std::move(settings)), world_(std::make_unique<World>()) {
  start();
}

TransactionTestBroker::~TransactionTestBroker() { stop(false); }

void TransactionTestBroker::start() {
  World& world = *world_;
  plugin_ = make_(world.host);
  const TextSection section(plugin_->config_keys(), settings_);
  Complaints complaints;
  plugin_->configure(section, complaints);
  world.services.clear();
  world.services.provide<MessageStore>(world.store);
  world.services.provide<MessageDelivery>(world.delivery);
  world.services.provide<ConsumerOffsets>(world.offsets);
  world.services.provide<ClientRegistry>(world.clients);
  world.services.provide<BrokerIdentity>(world.identity);
  plugin_->wire(world.services);
  world.interceptor = &world.services.require<PublishInterceptor>();
  world.coordinator = &world.services.require<TransactionCoordinator>();
  plugin_->start();
}

void TransactionTestBroker::stop(bool cleanly) {
  if (!plugin_) return;
  World& world = *world_;
  if (!cleanly) world.delivery.appends_left = 0;
  // The plug-in may wait in its drain() for its own work, which the executors must go on with meanwhile.
  auto work = boost::asio::make_work_guard(world.host.context);
  std::thread executors([&world] { world.host.context.run(); });
  plugin_->drain(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  plugin_->stop();
  work.reset();
  executors.join();
  world.host.context.restart();
  plugin_.reset();
  if (cleanly) world.offsets.on_disk = world.offsets.now;
}

void TransactionTestBroker::save_offsets() { world_->offsets.on_disk = world_->offsets.now; }

void TransactionTestBroker::restart_cleanly() {
  stop(true);
  start();
}

void TransactionTestBroker::crash_and_restart() {
  stop(false);
  world_->offsets.now = world_->offsets.on_disk;
  world_->delivery.appends_left = INT64_MAX;
  start();
}

void TransactionTestBroker::die_after(std::int64_t appends) { world_->delivery.appends_left = appends; }
bool TransactionTestBroker::is_dead() const noexcept { return world_->delivery.appends_left <= 0; }

Result<AppendReceipt> TransactionTestBroker::prepare(std::string_view topic, std::int32_t queue_id,
                                                     std::string_view group, std::string_view unique_key,
                                                     std::string_view extra_properties) {
  std::string properties(extra_properties);
  append_property(properties, property::transaction_prepared, "true");
  append_property(properties, property::producer_group, group);
  append_property(properties, property::unique_key, unique_key);
  Message message;
  message.topic = topic;
  message.queue_id = queue_id;
  message.sys_flag = sys_flag::transaction_prepared;
  message.born_timestamp_ms = world_->host.clock_ms;
  message.born_host = HostAddress::v4({127, 0, 0, 1}, 50'000);
  message.store_host = world_->identity.advertised_address();
  message.properties = properties;
  message.body = std::as_bytes(std::span(unique_key));
  return publish(message);
}

Result<AppendReceipt> TransactionTestBroker::publish(const Message& message) {
  MessageDraft draft(message);
  if (const Status allowed = world_->interceptor->intercept(draft); !allowed) return allowed.error();
  return world_->delivery.deliver(draft.message(), {});
}

Status TransactionTestBroker::end(std::string_view group, QueueOffset half, PhysicalOffset half_physical,
                                  TransactionDecision decision, bool from_check) {
  EndTransactionRequest request;
  request.producer_group = group;
  request.half_offset = half;
  request.half_physical_offset = half_physical;
  request.decision = decision;
  request.from_check = from_check;
  const auto answer = std::make_shared<std::optional<Status>>();
  world_->coordinator->end(request, [answer](const Status& status) { *answer = status; });
  if (!run_until([&] { return answer->has_value(); })) return Error(Errc::timed_out, "end() has not answered");
  return **answer;
}

TransactionCoordinator& TransactionTestBroker::coordinator() { return *world_->coordinator; }

void TransactionTestBroker::connect_producer(std::string_view group) {
  ClientConnection connection;
  connection.client.client_id = "producer";
  connection.client.channel = std::make_shared<ProducerChannel>(world_->host.context.get_executor(), world_->checks);
  world_->clients.members[std::string(group)].push_back(std::move(connection));
}

void TransactionTestBroker::disconnect_producers() { world_->clients.members.clear(); }

std::vector<ReceivedCheck> TransactionTestBroker::take_checks() { return std::exchange(world_->checks, {}); }

void TransactionTestBroker::pass(std::chrono::milliseconds wall) {
  world_->host.clock_ms += wall.count();
  // A look is a timer and a piece of work, so these are a few looks, however slow the machine is.
  constexpr int kHandlers = 8;
  for (int handler = 0; handler < kHandlers; ++handler) {
    if (world_->host.context.stopped()) world_->host.context.restart();
    world_->host.context.run_one_for(std::chrono::seconds(1));
  }
}

bool TransactionTestBroker::run_until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  world_->host.context.restart();
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    world_->host.context.run_one_for(std::chrono::milliseconds(10));
    if (world_->host.context.stopped()) world_->host.context.restart();
  }
  return true;
}

std::vector<StoredMessage> TransactionTestBroker::messages(std::string_view topic, std::int32_t queue_id) const {
  std::vector<StoredMessage> all;
  const QueueBounds bounds = world_->store.bounds(topic, queue_id);
  for (QueueOffset offset = bounds.min; offset < bounds.max; ++offset) {
    ReadRequest request;
    request.topic = topic;
    request.queue_id = queue_id;
    request.offset = offset;
    request.max_messages = 1;
    const ReadResult read = world_->store.read(request);
    const auto& slice = std::get<MemorySlice>(read.records.at(0));
    const auto record = record::RecordView::decode(slice.bytes).value();
    all.push_back(world_->store.message_at(record.physical_offset()).value());
  }
  return all;
}

std::vector<std::string> TransactionTestBroker::bodies(std::string_view topic, std::int32_t queue_id) const {
  std::vector<std::string> all;
  for (const StoredMessage& stored : messages(topic, queue_id)) all.push_back(as_string(stored.message.body));
  return all;
}

std::optional<QueueOffset> TransactionTestBroker::saved_offset(std::string_view group, std::string_view topic) const {
  return world_->offsets.find(group, topic, 0);
}

MemoryMessageStore& TransactionTestBroker::store() noexcept { return world_->store; }
std::int64_t TransactionTestBroker::now_ms() const noexcept { return world_->host.clock_ms; }

}  // namespace tenon::testing
