// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "command.hpp"
#include "store_actions.hpp"

namespace tenon::cli {
namespace {

void add_store_place(CLI::App& command, StoreActionOptions& options) {
  command.add_option("directory", options.directory, "Root of the store: broker.data_dir, or storePathRootDir")
      ->required()
      ->check(CLI::ExistingDirectory);
  command.add_option("--commit-log", options.commit_log_directory, "Directory of the commit log, if it lies elsewhere");
}

void add_verify(CommandSet& commands, CLI::App& store) {
  auto options = std::make_shared<StoreActionOptions>();
  CLI::App& verify =
      commands.add(store, "verify", "Compare all parts of a stopped store with each other; changes nothing",
                   "tenon store verify data", [options] { return verify_store(*options); });
  add_store_place(verify, *options);
  verify.add_flag("--json", options->json, "One JSON object per finding, the last one sums up");
  verify.add_flag("-q,--quiet", options->quiet, "No progress");
}

void add_dump(CommandSet& commands, CLI::App& store) {
  auto options = std::make_shared<StoreActionOptions>();
  CLI::App& dump = commands.add(store, "dump", "Print the records of a store, one a line",
                                "tenon store dump data --topic orders --queue 0 --count 10 --body",
                                [options] { return dump_store(*options); });
  add_store_place(dump, *options);
  auto* topic = dump.add_option("-t,--topic", options->topic, "Only this topic");
  auto* queue = dump.add_option("-q,--queue", options->queue_id, "Only this queue of it")->needs(topic);
  dump.add_flag("--entries", options->entries, "The entries of the queue instead of its records")->needs(queue);
  dump.add_option("--from", options->from, "Physical offset of the first record; with --entries the queue offset")
      ->check(CLI::Range(std::int64_t{0}, INT64_MAX));
  dump.add_option("--count", options->count, "At most this many")->check(CLI::Range(std::int64_t{0}, INT64_MAX));
  dump.add_flag("--body", options->bodies, "With bodies, the first 1024 bytes of each");
  dump.add_flag("--json", options->json, "One JSON object a line");
}

void add_repair(CommandSet& commands, CLI::App& store) {
  auto options = std::make_shared<StoreActionOptions>();
  CLI::App& repair = commands.add(
      store, "repair", "Cut a stopped store at its first damaged record, make queues and index again from what is left",
      "tenon store repair data --dry-run", [options] { return repair_store(*options); });
  add_store_place(repair, *options);
  repair.add_flag("-n,--dry-run", options->dry_run, "Say what would be done, and do nothing");
  repair.add_flag("--cut-records", options->cut_records,
                  "Cut even if whole records lie behind the damaged one; what is cut is saved");
  repair.add_flag("--json", options->json, "One JSON object per finding, one with the plan, the last one sums up");
  repair.add_flag("-q,--quiet", options->quiet, "No progress");
}

}  // namespace

void add_store_commands(CommandSet& commands) {
  CLI::App& store = commands.add_group("store", "Look at a store on disk while no broker uses it, and repair it",
                                       "tenon store verify data");
  add_verify(commands, store);
  add_dump(commands, store);
  add_repair(commands, store);
}

}  // namespace tenon::cli
