// SPDX-License-Identifier: Apache-2.0
#include "ha/ha_settings.hpp"

#include <charconv>

#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

constexpr ConfigKey kKeys[] = {
    {.name = "listen",
     .default_value = "",
     .meaning = "Where slaves connect, as host:port; empty: one port above the broker's (haListenPort)."},
    {.name = "advertise",
     .default_value = "",
     .meaning = "Address that slaves are told, as host:port with a numeric host; empty: where it listens."},
    {.name = "master",
     .default_value = "",
     .meaning = "On a slave: the master's HA address, host:port; empty: as the name servers say "
                "(haMasterAddress). Name servers that do not know the master: see master_broker."},
    {.name = "master_broker",
     .default_value = "",
     .meaning = "With master: the master's address for clients, host:port, where topics, groups and offsets are asked "
                "for, and a Java master for its log; empty: as the name servers say."},
    {.name = "replication",
     .default_value = "async",
     .meaning =
         "sync: a send is acknowledged when in_sync_replicas have it (SYNC_MASTER); async: when the master has it "
         "(ASYNC_MASTER).",
     .choices = "async|sync"},
    {.name = "in_sync_replicas",
     .type = ConfigType::integer,
     .default_value = "2",
     .meaning = "With replication = sync: how many brokers must have a message, the master included (inSyncReplicas).",
     .minimum = 1,
     .maximum = 16},
    {.name = "consumers_read",
     .default_value = "auto",
     .meaning =
         "confirmed: what in_sync_replicas have, at least 2, so that a failover takes nothing away that somebody "
         "has read; everything: what is stored; auto: confirmed with replication = sync, everything with async.",
     .choices = "auto|confirmed|everything"},
    {.name = "acknowledge",
     .default_value = "written",
     .meaning = "When a slave acknowledges: written, in memory that survives a crash of its process; flushed, on its "
                "disk, which only slaves of Tenon with flush = sync can say.",
     .choices = "written|flushed"},
    {.name = "protocol",
     .default_value = "auto",
     .meaning = "On a slave: auto asks the master for the extended protocol and falls back; classic never asks.",
     .choices = "auto|classic"},
    {.name = "slave_timeout",
     .type = ConfigType::duration,
     .default_value = "3s",
     .meaning = "How long a send waits for the slaves before it is answered FLUSH_SLAVE_TIMEOUT (slaveTimeout).",
     .minimum = 1,
     .maximum = 600'000},
    {.name = "heartbeat_interval",
     .type = ConfigType::duration,
     .default_value = "5s",
     .meaning = "A quiet connection is used at least this often (haSendHeartbeatInterval).",
     .minimum = 100,
     .maximum = 15'000},
    {.name = "housekeeping_interval",
     .type = ConfigType::duration,
     .default_value = "20s",
     .meaning = "A connection on which nothing was heard for so long is closed (haHousekeepingInterval).",
     .minimum = 500,
     .maximum = 3'600'000},
    {.name = "transfer_batch_size",
     .type = ConfigType::size,
     .default_value = "256KiB",
     .meaning = "The most bytes of log in one piece (haTransferBatchSize).",
     .minimum = 1'024,
     .maximum = static_cast<std::int64_t>(replication::kChunkBytesMax)},
    {.name = "max_gap_not_in_sync",
     .type = ConfigType::size,
     .default_value = "256MiB",
     .meaning = "A slave that is further behind does not count for in_sync_replicas (haMaxGapNotInSync).",
     .minimum = 1 << 20,
     .maximum = 1LL << 40},
    {.name = "max_connections",
     .type = ConfigType::integer,
     .default_value = "64",
     .meaning = "Connections of slaves open at a time. Further ones are refused, or take the place of a silent one.",
     .minimum = 1,
     .maximum = 10'000},
};

/// RocketMQ takes settings that promise nothing, and its operators learn that when a message is lost (store-format.md
/// 14, row 14).
void check_promises(const ConfigSection& section, const HaSettings& settings, Diagnostics& complaints) {
  if (settings.synchronous && settings.in_sync_replicas < 2)
    complaints.error("in_sync_replicas",
                     "with replication = sync at least 2 are needed: 1 is the master alone, which "
                     "waits for nobody");
  if (!settings.synchronous && section.is_set("in_sync_replicas") && settings.in_sync_replicas > 1)
    complaints.error("in_sync_replicas", "has no effect with replication = async, which waits for nobody");
  if (!settings.synchronous && settings.acknowledge == replication::Acknowledge::flushed)
    complaints.error("acknowledge", "has no effect with replication = async, which waits for nobody");
  if (settings.synchronous && static_cast<std::size_t>(settings.in_sync_replicas) > settings.connections_max + 1)
    complaints.error("max_connections",
                     text("fewer slaves than the ", settings.in_sync_replicas - 1, " that in_sync_replicas waits for"));
  if (settings.housekeeping_interval < 2 * settings.heartbeat_interval)
    complaints.error("housekeeping_interval", "must be at least twice heartbeat_interval, or quiet connections break");
}

bool is_host_and_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  const auto read = std::from_chars(address.data() + colon + 1, end, port);
  return read.ec == std::errc{} && read.ptr == end && port > 0;
}

}  // namespace

std::span<const ConfigKey> ha_keys() { return kKeys; }

HaSettings read_ha_settings(const ConfigSection& section, Diagnostics& complaints) {
  HaSettings settings;
  settings.listen = section.string("listen");
  settings.advertise = section.string("advertise");
  settings.master = section.string("master");
  if (!settings.master.empty() && !is_host_and_port(settings.master))
    complaints.error("master", "expected host:port, such as \"10.0.0.5:10912\"");
  settings.master_broker = section.string("master_broker");
  if (!settings.master_broker.empty() && !is_host_and_port(settings.master_broker))
    complaints.error("master_broker", "expected host:port, such as \"10.0.0.5:10911\"");
  if (!settings.master_broker.empty() && settings.master.empty())
    complaints.error("master_broker", "needs master: else the log would be that of one broker, the topics of another");
  settings.synchronous = section.string("replication") == "sync";
  settings.in_sync_replicas = static_cast<std::int32_t>(section.integer("in_sync_replicas"));
  const std::string readers = section.string("consumers_read");
  settings.readers_bounded = readers == "confirmed" || (readers == "auto" && settings.synchronous);
  if (section.string("acknowledge") == "flushed") settings.acknowledge = replication::Acknowledge::flushed;
  settings.speaks_extended = section.string("protocol") == "auto";
  settings.slave_timeout = section.duration("slave_timeout");
  settings.heartbeat_interval = section.duration("heartbeat_interval");
  settings.housekeeping_interval = section.duration("housekeeping_interval");
  settings.transfer_batch_size = section.size_bytes("transfer_batch_size");
  settings.max_gap_not_in_sync = section.size_bytes("max_gap_not_in_sync");
  settings.connections_max = static_cast<std::size_t>(section.integer("max_connections"));
  check_promises(section, settings, complaints);
  return settings;
}

}  // namespace tenon::ha
