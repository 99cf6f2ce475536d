// SPDX-License-Identifier: Apache-2.0
#include "store_actions.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "store_report.hpp"
#include "storetools/dump.hpp"
#include "storetools/repair.hpp"
#include "storetools/verify.hpp"

namespace tenon::cli {
namespace {

using storetools::Finding;

ReportFormat format_of(const StoreActionOptions& options) {
  return options.json ? ReportFormat::json : ReportFormat::text;
}

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

std::string saved_name() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char name[64];
  std::strftime(name, sizeof name, "repair-%Y%m%d-%H%M%S", &local);
  return name;
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
  storetools::Findings findings([&](const Finding& finding) { print_finding(format_of(options), finding); });
  const auto summary =
      storetools::verify({options.directory, options.commit_log_directory, progress_of(options, "verify")}, findings);
  if (!summary) throw Failure(summary.error());
  print_summary(format_of(options), *summary, findings);
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
  storetools::Findings before([&](const Finding& finding) { print_finding(format_of(options), finding); });
  const auto found = storetools::verify({options.directory, options.commit_log_directory, request.progress}, before);
  if (!found) throw Failure(found.error());
  if (before.damages() == 0 && found->unfinished_repairs == 0) {
    if (options.json) {
      print_summary(ReportFormat::json, *found, before);
    } else {
      std::printf("nothing to repair\n");
    }
    return ExitCode::ok;
  }
  check_owners(options);  // a plan is a promise
  const auto plan = storetools::plan_repair(request);
  if (!plan) throw Failure(plan.error());
  const std::string saved = options.directory + "/" + saved_name();
  print_plan(format_of(options), *plan, *found, saved);
  if (options.dry_run) return ExitCode::damaged;
  if (Status repaired = storetools::repair(request, *plan, saved); !repaired) {
    if (repaired.error().is(Errc::corrupt)) std::fprintf(stderr, "say --cut-records if that is what you want\n");
    throw Failure(repaired.error());
  }
  return verify_store(options);
}

}  // namespace tenon::cli
