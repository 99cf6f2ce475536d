// SPDX-License-Identifier: Apache-2.0
#include "store_actions.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "fastjson/writer.hpp"
#include "storetools/dump.hpp"
#include "storetools/repair.hpp"
#include "storetools/verify.hpp"

namespace tenon::cli {
namespace {

using storetools::Finding;
using storetools::Severity;

/// A line on standard error when it has moved on by a percent; nothing for scripts.
storetools::Progress progress_of(const StoreActionOptions& options, const char* what) {
  if (options.quiet || options.json || isatty(STDERR_FILENO) == 0) return {};
  return [what, last = -1](double part) mutable {
    const int percent = static_cast<int>(part * 100);
    if (percent == last) return;
    last = percent;
    std::fprintf(stderr, "\r%s: %d %%%s", what, percent, percent >= 100 ? "\n" : "");
  };
}

void print_finding(const StoreActionOptions& options, const Finding& finding) {
  const char* const severity = finding.severity == Severity::damage ? "damage" : "note";
  if (options.json) {
    std::string line;
    fastjson::Writer json(line);
    json.begin_object().member("severity", severity).member("file", finding.file.string());
    if (finding.position >= 0) json.member("position", finding.position);
    json.member("what", finding.what).end_object();
    std::printf("%s\n", line.c_str());
    return;
  }
  const std::string position = finding.position >= 0 ? ":" + std::to_string(finding.position) : "";
  std::printf("%s%s: %s: %s\n", finding.file.c_str(), position.c_str(), severity, finding.what.c_str());
}

/// "1 record", "2 records".
std::string counted(std::int64_t count, const std::string& one, const std::string& many = {}) {
  return std::to_string(count) + " " + (count == 1 ? one : many.empty() ? one + "s" : many);
}

void print_summary(const StoreActionOptions& options, const storetools::VerifySummary& summary,
                   const storetools::Findings& findings) {
  if (!options.json) {
    std::printf("%s in %s, physical offsets %lld to %lld; %s with %s, %s; %s; %s, %s\n",
                counted(summary.log.records, "record").c_str(), counted(summary.log_files, "file").c_str(),
                static_cast<long long>(summary.log.min.value), static_cast<long long>(summary.log.end.value),
                counted(summary.queues, "queue").c_str(), counted(summary.queue_entries, "entry", "entries").c_str(),
                counted(summary.index_entries, "index entry", "index entries").c_str(),
                summary.clean_stop ? "closed cleanly" : "not closed cleanly",
                counted(findings.damages(), "damage").c_str(), counted(findings.notes(), "note").c_str());
    return;
  }
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("records", summary.log.records).member("files", summary.log_files);
  json.member("min", summary.log.min.value).member("max", summary.log.end.value).member("queues", summary.queues);
  json.member("queueEntries", summary.queue_entries).member("indexEntries", summary.index_entries);
  json.member("cleanStop", summary.clean_stop);
  json.member("damages", findings.damages()).member("notes", findings.notes()).end_object();
  std::printf("%s\n", line.c_str());
}

std::string saved_name() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char name[64];
  std::strftime(name, sizeof name, "repair-%Y%m%d-%H%M%S", &local);
  return name;
}

void print_plan(const storetools::RepairPlan& plan, const storetools::VerifySummary& before, const std::string& saved) {
  if (plan.bytes_cut > 0)
    std::printf("cut the commit log at physical offset %lld: %s, %s among them\n",
                static_cast<long long>(plan.cut_at.value), counted(plan.bytes_cut, "byte").c_str(),
                counted(plan.records_cut, "whole record").c_str());
  for (const auto& path : plan.log_files_cut) std::printf("move %s away: it lies behind the cut\n", path.c_str());
  for (const auto& path : plan.foreign_files) std::printf("move %s away\n", path.c_str());
  for (const auto& wrong : plan.wrong_lengths)
    std::printf("make %s %lld bytes long\n", wrong.file.c_str(), static_cast<long long>(wrong.right_bytes));
  std::printf("make %s, the index and the checkpoint again from %s\n",
              counted(static_cast<std::int64_t>(plan.queues.size()), "consume queue").c_str(),
              counted(plan.records_kept, "record").c_str());
  for (const auto& [topic, records] : before.deleted)
    std::printf("deleted messages may come back: %s of topic %s from before it was deleted\n",
                counted(records, "record").c_str(), topic.c_str());
  std::printf("what is cut or replaced goes to %s\n", saved.c_str());
}

/// What root makes in another user's store, that user's broker could not open.
void check_owner(const std::string& directory) {
  struct stat info {};
  if (geteuid() != 0 || stat(directory.c_str(), &info) != 0 || info.st_uid == 0) return;
  const passwd* const owner = getpwuid(info.st_uid);
  const std::string name = owner != nullptr ? owner->pw_name : "'#" + std::to_string(info.st_uid) + "'";
  throw Failure(Error(Errc::no_permission, directory + " belongs to " + name +
                                               ", whose broker could not open what root makes: give the same command "
                                               "as that user (sudo -u " +
                                               name + " tenon store repair ...)"));
}

void check_owners(const StoreActionOptions& options) {
  check_owner(options.directory);
  check_owner(options.commit_log_directory.empty() ? options.directory + "/commitlog" : options.commit_log_directory);
}

}  // namespace

ExitCode verify_store(const StoreActionOptions& options) {
  storetools::Findings findings([&](const Finding& finding) { print_finding(options, finding); });
  const auto summary =
      storetools::verify({options.directory, options.commit_log_directory, progress_of(options, "verify")}, findings);
  if (!summary) throw Failure(summary.error());
  print_summary(options, *summary, findings);
  return findings.damages() == 0 ? ExitCode::ok : ExitCode::damaged;
}

ExitCode dump_store(const StoreActionOptions& options) {
  storetools::DumpRequest request;
  request.directory = options.directory;
  request.commit_log_directory = options.commit_log_directory;
  if (!options.topic.empty()) request.topic = options.topic;
  if (options.queue_id >= 0) request.queue_id = options.queue_id;
  if (options.from >= 0) request.from = options.from;
  request.count = options.count;
  request.bodies = options.bodies;
  request.format = options.json ? storetools::DumpFormat::json : storetools::DumpFormat::text;
  const storetools::DumpSink print = [](std::string_view line) {
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  };
  const Status done =
      options.entries ? storetools::dump_queue(request, print) : storetools::dump_records(request, print);
  if (!done) throw Failure(done.error());
  return ExitCode::ok;
}

ExitCode repair_store(const StoreActionOptions& options) {
  const storetools::RepairRequest request{options.directory, options.commit_log_directory, options.cut_records,
                                          progress_of(options, "repair")};
  storetools::Findings before([&](const Finding& finding) { print_finding(options, finding); });
  const auto found = storetools::verify({options.directory, options.commit_log_directory, request.progress}, before);
  if (!found) throw Failure(found.error());
  if (before.damages() == 0) {
    std::printf("nothing to repair\n");
    return ExitCode::ok;
  }
  check_owners(options);  // a plan is a promise
  const auto plan = storetools::plan_repair(request);
  if (!plan) throw Failure(plan.error());
  const std::string saved = options.directory + "/" + saved_name();
  print_plan(*plan, *found, saved);
  if (options.dry_run) return ExitCode::damaged;
  if (Status repaired = storetools::repair(request, *plan, saved); !repaired) {
    if (repaired.error().is(Errc::corrupt)) std::fprintf(stderr, "say --cut-records if that is what you want\n");
    throw Failure(repaired.error());
  }
  return verify_store(options);
}

}  // namespace tenon::cli
