// SPDX-License-Identifier: Apache-2.0
// Every normative statement of MQTT 5.0 has something that shows it: statements.txt against the titles of the sequences
// and the names of the tests. STATEMENTS.md is that as a table; TENON_WRITE_STATEMENTS=1 writes it anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "protocol-mqtt/conformance/sequence.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using Titles = std::map<std::string, std::vector<std::string>>;

const std::filesystem::path kHere = TENON_MQTT_SEQUENCES;

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// What titles say of each statement of 5.0: "5 3.1.0-1, 4.1.0-2, 311 3.1.2-4: words".
Titles titles_by_statement() {
  Titles titles;
  for (const auto& sequence : conformance::load_sequences(kHere)) {
    const std::size_t colon = sequence.title.find(':');
    std::string marks = sequence.title.substr(0, colon);
    std::ranges::replace(marks, ',', ' ');
    std::istringstream words(marks);
    bool is_v5 = false;
    for (std::string word; words >> word;) {
      if (word.find('-') == std::string::npos) {
        is_v5 = word == "5";
      } else if (is_v5) {
        titles[word].push_back(sequence.title.substr(colon + 2));
      }
    }
  }
  return titles;
}

/// "Suite.Name" of every test of MQTT.
std::set<std::string> names_of_tests() {
  const std::regex test(R"(TEST(?:_[FP])?\((\w+), (\w+)\))");
  std::set<std::string> names;
  for (const char* directory : {"..", "../../../tests/e2e", "../../../lib/mqtt"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kHere / directory)) {
      if (!entry.path().string().ends_with("_test.cpp")) continue;
      const std::string source = text_of(entry.path());
      for (std::sregex_iterator found(source.begin(), source.end(), test), end; found != end; ++found) {
        names.insert(text((*found)[1].str(), ".", (*found)[2].str()));
      }
    }
  }
  return names;
}

/// The statements in the standard's order, each with what stands behind it.
std::vector<std::pair<std::string, std::string>> statements() {
  std::vector<std::pair<std::string, std::string>> all;
  std::ifstream file(kHere / "statements.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t space = line.find(' ');
    all.emplace_back(line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1));
  }
  return all;
}

std::string shown_by(const std::string& id, const std::string& how, const Titles& titles) {
  if (how.starts_with("test: ")) return text("`", how.substr(6), "`");
  if (how == "client") return "binds clients only";
  if (!how.empty()) return how;
  std::string words;
  const auto found = titles.find(id);
  if (found == titles.end()) return words;
  for (const std::string& title : found->second) words += text(words.empty() ? "" : "; ", title);
  return words;
}

TEST(MqttConformance, EveryStatementIsShown) {
  const Titles titles = titles_by_statement();
  const std::set<std::string> tests = names_of_tests();
  std::set<std::string> known;
  std::string table =
      "# What shows each normative statement of MQTT 5.0\n\n"
      "Made from `statements.txt` and the titles of the sequences by `MqttConformance.EveryStatementIsShown`, which "
      "fails when it is out of date\n(`TENON_WRITE_STATEMENTS=1` writes it anew).\n\n| Statement | Shown by "
      "|\n|---|---|\n";
  for (const auto& [id, how] : statements()) {
    EXPECT_TRUE(known.insert(id).second) << id << " stands twice";
    const std::string shown = shown_by(id, how, titles);
    EXPECT_FALSE(shown.empty()) << "nothing shows MQTT-" << id;
    EXPECT_TRUE(how.empty() || !titles.contains(id)) << id << " has a sequence, too";
    const bool by_test = how.starts_with("test: ");
    EXPECT_TRUE(!by_test || tests.contains(how.substr(6))) << "there is no test " << how.substr(6);
    table += text("| MQTT-", id, " | ", shown, " |\n");
  }
  EXPECT_EQ(known.size(), 251U);
  for (const auto& [id, title] : titles) EXPECT_TRUE(known.contains(id)) << "there is no statement " << id;
  if (std::getenv("TENON_WRITE_STATEMENTS") != nullptr) std::ofstream(kHere / "STATEMENTS.md") << table;
  EXPECT_EQ(text_of(kHere / "STATEMENTS.md"), table);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
