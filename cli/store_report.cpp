// SPDX-License-Identifier: Apache-2.0
#include "store_report.hpp"

#include <cstdio>

#include "fastjson/writer.hpp"

namespace tenon::cli {
namespace {

using storetools::RepairPlan;
using storetools::VerifySummary;

/// "1 record", "2 records".
std::string counted(std::int64_t count, const std::string& one, const std::string& many = {}) {
  return std::to_string(count) + " " + (count == 1 ? one : many.empty() ? one + "s" : many);
}

void print_plan_text(const RepairPlan& plan, const VerifySummary& before, const std::string& saved) {
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

std::string plan_json(const RepairPlan& plan, const VerifySummary& before, const std::string& saved) {
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("cutAt", plan.cut_at.value).member("bytesCut", plan.bytes_cut);
  json.member("recordsCut", plan.records_cut).member("recordsKept", plan.records_kept);
  json.key("filesMoved").begin_array();
  for (const auto* moved : {&plan.log_files_cut, &plan.foreign_files}) {
    for (const auto& path : *moved) json.value(path.string());
  }
  json.end_array().key("filesResized").begin_array();
  for (const auto& wrong : plan.wrong_lengths)
    json.begin_object().member("file", wrong.file.string()).member("bytes", wrong.right_bytes).end_object();
  json.end_array().member("queuesMade", plan.queues.size()).key("deletedTopics").begin_array();
  for (const auto& [topic, records] : before.deleted)
    json.begin_object().member("topic", topic).member("records", records).end_object();
  json.end_array().member("saved", saved).end_object();
  return line;
}

void print_summary_text(const VerifySummary& summary, const storetools::Findings& findings) {
  std::printf("%s in %s, physical offsets %lld to %lld; %s with %s, %s; %s; %s, %s\n",
              counted(summary.log.records, "record").c_str(), counted(summary.log_files, "file").c_str(),
              static_cast<long long>(summary.log.min.value), static_cast<long long>(summary.log.end.value),
              counted(summary.queues, "queue").c_str(), counted(summary.queue_entries, "entry", "entries").c_str(),
              counted(summary.index_entries, "index entry", "index entries").c_str(),
              summary.clean_stop ? "closed cleanly" : "not closed cleanly",
              counted(findings.damages(), "damage").c_str(), counted(findings.notes(), "note").c_str());
}

}  // namespace

void print_finding(ReportFormat format, const storetools::Finding& finding) {
  const char* const severity = finding.severity == storetools::Severity::damage ? "damage" : "note";
  if (format == ReportFormat::json) {
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

void print_summary(ReportFormat format, const VerifySummary& summary, const storetools::Findings& findings) {
  if (format == ReportFormat::text) return print_summary_text(summary, findings);
  std::string line;
  fastjson::Writer json(line);
  json.begin_object().member("records", summary.log.records).member("files", summary.log_files);
  json.member("min", summary.log.min.value).member("max", summary.log.end.value).member("queues", summary.queues);
  json.member("queueEntries", summary.queue_entries).member("indexEntries", summary.index_entries);
  json.member("cleanStop", summary.clean_stop);
  json.member("damages", findings.damages()).member("notes", findings.notes()).end_object();
  std::printf("%s\n", line.c_str());
}

void print_plan(ReportFormat format, const RepairPlan& plan, const VerifySummary& before, const std::string& saved) {
  if (format == ReportFormat::text) return print_plan_text(plan, before, saved);
  std::printf("%s\n", plan_json(plan, before, saved).c_str());
}

}  // namespace tenon::cli
