// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/administration.hpp"

#include <algorithm>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using fastjson::Value;
using fastjson::Writer;

constexpr std::int64_t kRowsMax = 1000;

struct Page {
  std::string after;
  std::size_t limit = kRowsMax;
};

std::string refusal(std::string_view why) {
  std::string out;
  Writer(out).begin_object().member("error", why).end_object();
  return out;
}

std::string_view version_text(mqtt::ProtocolVersion version) {
  if (version == mqtt::ProtocolVersion::v5) return "5.0";
  return version == mqtt::ProtocolVersion::v3_1 ? "3.1" : "3.1.1";
}

void write_client(Writer& json, const Session& session, std::int64_t steady_ms) {
  const Link& link = *session.link;
  json.begin_object().member("client", session.client_id).member("user", session.user_name);
  json.member("address", link.remote_address().to_string()).member("version", version_text(link.version()));
  json.member("keepAlive", link.keep_alive_s()).member("connectedSeconds", (steady_ms - link.opened_at_ms()) / 1000);
  json.member("silentSeconds", (steady_ms - link.last_seen_ms()) / 1000).member("unsentBytes", link.unsent_bytes());
  json.member("subscriptions", session.subscriptions.size()).end_object();
}

void write_session(Writer& json, const Session& session) {
  const Outbound* out = session.outbound_if_any();
  json.begin_object().member("client", session.client_id).member("connected", session.online());
  json.member("expirySeconds", session.expiry_s).member("disconnectedAt", session.disconnected_at_ms);
  json.member("subscriptions", session.subscriptions.size());
  json.member("waiting", out == nullptr ? 0 : out->waiting.size());
  json.member("inflight", out == nullptr ? 0 : out->inflight().size());
  json.member("inbound", session.inbound.size()).member("will", session.will != nullptr).end_object();
}

void write_subscriptions(Writer& json, const Session& session) {
  for (const auto& subscription : session.subscriptions) {
    const mqtt::SubscriptionOptions& options = subscription->options;
    json.begin_object().member("client", session.client_id).member("filter", subscription->filter());
    json.member("qos", options.qos).member("noLocal", options.no_local);
    json.member("retainAsPublished", options.retain_as_published);
    json.member("identifier", subscription->identifier).end_object();
  }
}

/// Rows of the sessions behind `after` for which `wanted` is true.
template <class Wanted, class Write>
std::string session_page(const Engine& engine, const Page& page, Wanted&& wanted, Write&& write) {
  std::string out;
  Writer json(out);
  json.begin_object().key("rows").begin_array();
  const Sessions& sessions = engine.sessions();
  auto at = page.after.empty() ? sessions.begin() : sessions.upper_bound(std::string_view(page.after));
  std::size_t rows = 0;
  std::string_view last;
  for (; at != sessions.end() && rows < page.limit; ++at) {
    last = (*at)->client_id;
    if (wanted(**at)) rows += write(json, **at);
  }
  json.end_array();
  if (at != sessions.end()) json.member("next", last);
  json.end_object();
  return out;
}

std::string clients(Engine& engine, const Page& page) {
  const std::int64_t now = engine.outside().steady_ms();
  return session_page(
      engine, page, [](const Session& session) { return session.online(); },
      [now](Writer& json, const Session& session) {
        write_client(json, session, now);
        return std::size_t{1};
      });
}

std::string sessions(Engine& engine, const Page& page) {
  return session_page(
      engine, page, [](const Session&) { return true; },
      [](Writer& json, const Session& session) {
        write_session(json, session);
        return std::size_t{1};
      });
}

/// The last session of a page is told whole, so a page may be longer than asked for.
std::string subscriptions(Engine& engine, const Page& page) {
  return session_page(
      engine, page, [](const Session& session) { return !session.subscriptions.empty(); },
      [](Writer& json, const Session& session) {
        write_subscriptions(json, session);
        return session.subscriptions.size();
      });
}

std::string retained(Engine& engine, const Page& page) {
  std::string out;
  Writer json(out);
  json.begin_object().key("rows").begin_array();
  std::string last;
  std::size_t rows = 0;
  const bool all = engine.retained().for_each_after(page.after, [&](const OwnedMessage& message) {
    if (message.topic.starts_with("$SYS/")) return true;
    if (rows == page.limit) return false;
    ++rows;
    last = message.topic;
    json.begin_object().member("topic", message.topic).member("bytes", message.payload.size());
    json.member("qos", message.qos).member("publisher", message.publisher);
    json.member("expiresAt", message.expires_at_ms).end_object();
    return true;
  });
  json.end_array();
  if (!all) json.member("next", last);
  json.end_object();
  return out;
}

std::string kick(Engine& engine, const Value& request) {
  const std::string client = request.text_or("client", "");
  if (client.empty()) return refusal("kick needs the name of a client");
  std::string out;
  Writer(out).begin_object().member("kicked", engine.kick(client)).end_object();
  return out;
}

}  // namespace

std::string administer(Engine& engine, std::string_view request_text) {
  constexpr fastjson::Limits kLimits{65'536, 100, 4};
  const auto request = fastjson::parse(request_text, kLimits, fastjson::References::none);
  if (!request) return refusal(request.error().message());
  if (!request->is_object()) return refusal("a request is a JSON object");
  Page page;
  page.after = request->text_or("after", "");
  page.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(request->i64_or("limit", kRowsMax), 1, kRowsMax));
  const std::string command = request->text_or("command", "");
  if (command == "clients") return clients(engine, page);
  if (command == "sessions") return sessions(engine, page);
  if (command == "subscriptions") return subscriptions(engine, page);
  if (command == "retained") return retained(engine, page);
  if (command == "kick") return kick(engine, *request);
  return refusal(text("there is no command '", command, "'"));
}

}  // namespace tenon::protocol_mqtt
