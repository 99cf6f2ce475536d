// SPDX-License-Identifier: Apache-2.0
#include "ha_actions.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "client/admin_command.hpp"
#include "client/delay_admin.hpp"
#include "client/transaction_admin.hpp"
#include "fastjson/writer.hpp"
#include "masters.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

using fastjson::Value;

struct Node {
  std::string broker_name, address;
  std::int64_t broker_id = 0;
};

std::vector<Node> nodes(client::ClientInstance& instance, const HaOptions& options) {
  if (!options.broker_address.empty()) return {{"", options.broker_address, 0}};
  std::vector<Node> found;
  for (const client::BrokerData& broker : instance.name_servers().brokers().value()) {
    for (const auto& [id, address] : broker.addresses) found.push_back({broker.broker_name, address, id});
  }
  if (found.empty()) throw Failure(Error(Errc::query_not_found, "the name server knows no broker"));
  return found;
}

/// Unless it is asked already.
void add_node(std::vector<Node>& nodes, Node one) {
  const auto known = [&](const Node& node) { return node.address == one.address; };
  if (std::ranges::none_of(nodes, known)) nodes.push_back(std::move(one));
}

std::string text_of(const Value& json) {
  std::string out;
  fastjson::Writer(out, {.layout = fastjson::Layout::compact, .integer_keys = fastjson::IntegerKeys::quoted})
      .value(json);
  return out;
}

std::string state_of_slave(const Value& master) {
  const std::string address = master.text_or("address", "");
  if (address.empty()) return "knows no master yet";
  // How far it is behind is not known: it takes nothing, and the master says nothing.
  const std::string held = master.text_or("heldBecause", "");
  if (!held.empty()) return text("waits for ", address, ": ", held);
  return text(master.bool_or("connected", false) ? "follows " : "lost ", address, ", ", master.i64_or("lagBytes", 0),
              " bytes, ", master.i64_or("lagMillis", 0) / 1000, " s behind");
}

void print_line(const std::string& broker, const Value& status) {
  const bool is_master = status.bool_or("isMaster", false);
  std::string state = "-";
  if (const Value* master = status.find("master"); master != nullptr && !is_master) {
    state = state_of_slave(*master);
  } else if (is_master) {
    state = text(status.text_or("replication", "?"), ", ", status.i64_or("inSyncReplicas", 1), " in sync, ",
                 status.i64_or("inSyncReplicasWanted", 1), " wanted (itself counted)");
  }
  std::printf("%-40s %-3lld %-7s %13lld %20lld  %s\n", broker.c_str(),
              static_cast<long long>(status.i64_or("brokerId", -1)), is_master ? "master" : "slave",
              static_cast<long long>(status.i64_or("epoch", 0)), static_cast<long long>(status.i64_or("logMax", 0)),
              state.c_str());
}

/// What a broker waits for, such as etcd, the master, replicas for its consumers, or why it has failed. Nothing if it
/// serves.
std::string trouble_of(const Value& status) {
  if (status.find("health") != nullptr) {
    std::string health = status.text_or("health", "");
    return health.starts_with("serving") ? std::string() : health;
  }
  // An earlier Tenon does not say its health.
  const std::string why = status.text_or("consumersWaitBecause", "");
  return why.empty() ? why : text("consumers wait: ", why);
}

void print_replicas(const Value& status) {
  if (const std::string trouble = trouble_of(status); !trouble.empty()) std::printf("  %s\n", trouble.c_str());
  const Value* metadata = status.find("metadata");
  if (const std::string why = metadata != nullptr ? metadata->text_or("lastError", "") : ""; !why.empty())
    std::printf("  topics, groups and offsets are not taken from the master: %s\n", why.c_str());
  const Value* replicas = status.find("replicas");
  for (const Value& replica : replicas ? replicas->elements() : Value::Array{}) {
    std::printf("  replica %lld at %s: %s, %lld bytes, %lld s behind%s\n",
                static_cast<long long>(replica.i64_or("brokerId", -1)), replica.text_or("address", "?").c_str(),
                replica.text_or("protocol", "?").c_str(), static_cast<long long>(replica.i64_or("lagBytes", 0)),
                static_cast<long long>(replica.i64_or("lagMillis", 0) / 1000),
                replica.bool_or("inSync", false) ? ", in sync" : "");
  }
  if (const Value* cut = status.find("lastDivergence")) {
    std::printf("  diverged: %lld bytes from physical offset %lld on were cut off, saved as %s\n",
                static_cast<long long>(cut->i64_or("length", 0)), static_cast<long long>(cut->i64_or("begin", 0)),
                cut->text_or("savedAs", "?").c_str());
  }
}

/// Of one that was promoted: whether it has met another master of its name. A name server knows one of them at a time.
std::string other_master(client::ClientInstance& instance, const std::string& address) {
  const auto answer = client::admin_command(instance, address, "broker.other-master", {});
  return answer ? answer->text_or("address", "") : std::string();
}

/// What only a broker with replication knows.
Result<Value> ask_replication(client::ClientInstance& instance, const std::string& address, std::string_view command,
                              std::string_view arguments) {
  auto answer = client::admin_command(instance, address, command, arguments);
  if (answer || !answer.error().is(Errc::query_not_found)) return answer;
  return Error(Errc::query_not_found,
               text(address,
                    " does not replicate: its configuration has no table [plugins.ha]; "
                    "`tenon config explain plugins.ha` lists the keys, conf/broker-slave.toml is an example"));
}

Value drain_call(client::ClientInstance& instance, const HaOptions& options, std::string_view action) {
  return client::admin_command(instance, options.broker_address, "broker.drain",
                               text(R"({"action":")", action, R"("})"))
      .value();
}

/// What a broker still has to deliver of its own accord. Not counted further than kUnfinishedMax.
struct Unfinished {
  std::size_t delayed = 0, transactions = 0;
  Status known;  ///< Why there may be more: the broker could not be asked.
  bool any() const noexcept { return delayed + transactions > 0; }
};
constexpr std::size_t kUnfinishedMax = 1'000;

/// Who lacks the plug-in has none.
template <class Found>
std::size_t count_of(const Result<Found>& found, Status& known) {
  if (found) return found->size();
  if (!found.error().is(Errc::not_supported)) known = found.error();
  return 0;
}

Unfinished unfinished(client::ClientInstance& instance, const std::string& address) {
  Unfinished left;
  left.delayed = count_of(client::DelayAdmin(instance, {}, address).waiting(kUnfinishedMax), left.known);
  left.transactions = count_of(client::TransactionAdmin(instance, address).pending(kUnfinishedMax), left.known);
  return left;
}

void print_unfinished(const Unfinished& left) {
  const auto more = [](std::size_t count) { return count == kUnfinishedMax ? " or more" : ""; };
  if (left.any()) {
    std::printf("%zu%s delayed messages and %zu%s transactions without a decision wait here\n", left.delayed,
                more(left.delayed), left.transactions, more(left.transactions));
  }
  if (!left.known) std::fprintf(stderr, "tenon: more may wait here: %s\n", left.known.error().message().c_str());
}

}  // namespace

ExitCode show_ha_status(const HaOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  auto ended = ExitCode::ok;
  bool is_first = true;
  std::vector<Node> asked = nodes(instance, options);
  for (std::size_t place = 0; place < asked.size(); ++place) {
    const Node node = asked[place];  // a copy: another may come behind it
    const auto status = ask_replication(instance, node.address, "ha.status", {});
    const std::string other = status ? other_master(instance, node.address) : std::string();
    if (!other.empty() && options.broker_address.empty()) add_node(asked, {node.broker_name, other, 0});
    if (!status) {
      std::fprintf(stderr, "tenon: %s%s\n", node.broker_name.empty() ? "" : (node.broker_name + ": ").c_str(),
                   status.error().message().c_str());
      ended = ExitCode::failure;
    } else if (options.json) {
      std::printf("%s\n", text_of(*status).c_str());
    } else {
      if (std::exchange(is_first, false))
        std::printf("%-40s %-3s %-7s %13s %20s  %s\n", "BROKER", "ID", "ROLE", "EPOCH", "LOG END", "STATE");
      print_line(text(status->text_or("broker", "?"), " at ", node.address), *status);
      print_replicas(*status);
      if (!other.empty())
        std::printf("  ANOTHER MASTER of this name: %s. Stop the one with the lower epoch\n", other.c_str());
    }
  }
  return ended;
}

namespace {

/// One that is being taken away would be a master that takes no messages, and that no name server knows once it has
/// left. What it has last heard from those is as old as that.
void check_not_drained(client::ClientInstance& instance, const std::string& address) {
  const auto drain = client::admin_command(instance, address, "broker.drain", R"({"action":"status"})");
  if (!drain || !drain->bool_or("draining", false)) return;
  throw Failure(Error(
      Errc::illegal_operation,
      text(address, drain->bool_or("left", false) ? " has been drained and has left its name servers: restart it first"
                                                  : " is being drained: `tenon ha drain --cancel` first")));
}

}  // namespace

ExitCode promote_broker(const HaOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  check_not_drained(instance, options.broker_address);
  const std::string arguments = text(R"({"force":)", options.force ? "true" : "false", R"(,"check":)",
                                     options.only_check ? "true" : "false", "}");
  Value answer = ask_replication(instance, options.broker_address, "ha.promote", arguments).value();
  for (; answer.bool_or("underWay", false);
       answer = ask_replication(instance, options.broker_address, "ha.promote", arguments).value()) {
    if (options.json) continue;
    const std::string state = answer.text_or("state", "");
    std::printf("it is becoming the master%s\n", state.starts_with("serving") ? "" : text(": ", state).c_str());
    std::fflush(stdout);
  }
  bool all_passed = true;
  for (const Value& check : answer.find("checks") ? answer.find("checks")->elements() : Value::Array{}) {
    const bool passed = check.bool_or("passed", false);
    all_passed = all_passed && passed;
    if (options.json) continue;
    std::printf("%-4s %-22s %s\n", passed ? "ok" : "NO", check.text_or("name", "?").c_str(),
                check.text_or("meaning", "").c_str());
  }
  const bool promoted = answer.bool_or("promoted", false);
  if (options.json) {
    std::printf("%s\n", text_of(answer).c_str());
  } else if (promoted) {
    std::printf("%s is the master now and after each restart, epoch %lld. Give the old one a broker.id above 0.\n",
                options.broker_address.c_str(), static_cast<long long>(answer.i64_or("epoch", 0)));
  } else if (!options.only_check) {
    std::printf("not promoted; --force does it all the same, unless an election decides\n");
  }
  return promoted || (options.only_check && all_passed) ? ExitCode::ok : ExitCode::failure;
}

ExitCode drain_broker(const HaOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  Value status = drain_call(instance, options, options.cancel ? "cancel" : "begin");
  const auto deadline = std::chrono::steady_clock::now() + options.drain_timeout;
  const bool waits = !options.cancel && !options.leave_at_once;
  Unfinished left_here = unfinished(instance, options.broker_address);
  const auto is_empty = [&] {
    return status.i64_or("unconsumed", 0) == 0 && !(options.drain_everything && (left_here.any() || !left_here.known));
  };
  while (waits && !is_empty() && std::chrono::steady_clock::now() < deadline) {
    if (!options.json) {
      std::printf("%lld messages to consume\n", static_cast<long long>(status.i64_or("unconsumed", 0)));
      print_unfinished(left_here);
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
    left_here = unfinished(instance, options.broker_address);
    status = drain_call(instance, options, "status");
  }
  const bool empty = is_empty();
  if (!options.json && !options.cancel) print_unfinished(left_here);
  if (!options.cancel && (empty || options.leave_at_once)) status = drain_call(instance, options, "leave");
  const bool left = status.bool_or("left", false);
  if (options.json) {
    std::printf("%s\n", text_of(status).c_str());
  } else if (options.cancel) {
    std::printf("%s takes messages again\n", options.broker_address.c_str());
  } else {
    std::printf(left ? "%s has left the name servers and can be stopped\n"
                     : "%s still has messages to consume; it takes no new ones\n",
                options.broker_address.c_str());
  }
  return options.cancel || left ? ExitCode::ok : ExitCode::failure;
}

}  // namespace tenon::cli
