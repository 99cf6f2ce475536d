// SPDX-License-Identifier: Apache-2.0
#include "namesrv/key_value_store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "state_file/state_file.hpp"

namespace tenon::namesrv {
namespace {

namespace fs = std::filesystem;

class KeyValueStoreTest : public ::testing::Test {
 protected:
  KeyValueStoreTest() {
    std::string pattern = (fs::temp_directory_path() / "tenon-kv-XXXXXX").native();
    directory_ = ::mkdtemp(pattern.data());
    file_ = directory_ / "kvConfig.json";
  }
  ~KeyValueStoreTest() override { fs::remove_all(directory_); }

  std::string content() {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) { std::ofstream(file_) << text; }

  fs::path directory_, file_;
  Logger log_{"test"};
};

TEST_F(KeyValueStoreTest, ChangesAreInTheFileInJavasForm) {
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_FALSE(fs::exists(file_));
  ASSERT_TRUE(store.put("ORDER_TOPIC_CONFIG", "T", "broker-a:4"));
  EXPECT_EQ(content(), R"({"configTable":{"ORDER_TOPIC_CONFIG":{"T":"broker-a:4"}}})");
}

TEST_F(KeyValueStoreTest, WhatWasPutIsThereAfterAReopen) {
  {
    KeyValueStore store;
    ASSERT_TRUE(store.open(file_, log_));
    ASSERT_TRUE(store.put("n", "k", "a \"quoted\" \n value"));
    ASSERT_TRUE(store.put("n", "gone", "x"));
    ASSERT_TRUE(store.remove("n", "gone"));
  }
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_EQ(store.find("n", "k"), "a \"quoted\" \n value");
  EXPECT_FALSE(store.find("n", "gone"));
  EXPECT_FALSE(store.find("m", "k"));
  EXPECT_FALSE(store.table("m"));
  EXPECT_EQ(store.table("n")->size(), 1u);
}

TEST_F(KeyValueStoreTest, HoldsNoMoreThanItsBound) {
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  const std::string half(KeyValueStore::kBytesMax / 2, 'x');
  ASSERT_TRUE(store.put("n", "a", half));
  EXPECT_TRUE(store.put("n", "b", half).error().is(Errc::busy));
  EXPECT_FALSE(store.find("n", "b"));
  EXPECT_TRUE(store.put("n", "a", "small")) << "what replaces something larger fits";
  EXPECT_TRUE(store.put("n", "b", half));
}

TEST_F(KeyValueStoreTest, AKeyThatLooksLikeAReferenceIsAKey) {
  {
    KeyValueStore store;
    ASSERT_TRUE(store.open(file_, log_));
    ASSERT_TRUE(store.put("n", "$ref", "$.configTable"));
    ASSERT_TRUE(store.put("$ref", "k", "v"));
  }
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_EQ(store.find("n", "$ref"), "$.configTable");
  EXPECT_EQ(store.find("$ref", "k"), "v");
}

TEST_F(KeyValueStoreTest, ReadsWhatJavaWrote) {
  write("{\n\t\"configTable\":{\n\t\t\"ORDER_TOPIC_CONFIG\":{\n\t\t\t\"T\":\"broker-a:4\"\n\t\t}\n\t}\n}");
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_EQ(store.find("ORDER_TOPIC_CONFIG", "T"), "broker-a:4");
}

TEST_F(KeyValueStoreTest, DamagedFileIsSaidAndKept) {
  write(R"({"configTable":{"a":)");
  KeyValueStore store;
  const Status opened = store.open(file_, log_);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(Errc::corrupt));
  EXPECT_NE(opened.error().message().find(file_.native()), std::string::npos);
  EXPECT_EQ(content(), R"({"configTable":{"a":)");
}

TEST_F(KeyValueStoreTest, DamagedFileIsFollowedByItsBackup) {
  KeyValueStore before;
  ASSERT_TRUE(before.open(file_, log_));
  ASSERT_TRUE(before.put("n", "k", "first"));
  ASSERT_TRUE(before.put("n", "k", "second"));
  write(R"({"configTable":{"n":)");
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_EQ(store.find("n", "k"), "first");
  EXPECT_TRUE(fs::exists(file_.native() + ".damaged")) << "nor lost by the next change";
}

TEST_F(KeyValueStoreTest, FileWithoutTableIsFollowedByItsBackup) {
  std::ofstream(state_file::backup_of(file_)) << R"({"configTable":{"n":{"k":"good"}}})";
  for (const char* damaged : {"{}", R"({"configTable":null})", R"({"configTable":[]})", R"({"configTable":"x"})",
                              R"({"configTable":{"n":null}})", R"({"configTable":{"n":"x"}})"}) {
    write(damaged);
    KeyValueStore store;
    EXPECT_TRUE(store.open(file_, log_)) << damaged;
    EXPECT_EQ(store.find("n", "k"), "good") << damaged;
  }
}

TEST_F(KeyValueStoreTest, NoNamespaceIsNoDamage) {
  write(R"({"configTable":{}})");
  KeyValueStore store;
  EXPECT_TRUE(store.open(file_, log_));
}

TEST_F(KeyValueStoreTest, ChangeThatCannotBeWrittenDoesNotHappen) {
  fs::create_directories(file_.native() + ".tmp");  // in the way of the new content
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  const Status put = store.put("n", "k", "v");
  ASSERT_FALSE(put);
  EXPECT_TRUE(put.error().is(Errc::io));
  EXPECT_FALSE(store.find("n", "k"));
}

TEST_F(KeyValueStoreTest, BackupIsReadWhenTheFileIsGone) {
  {
    KeyValueStore store;
    ASSERT_TRUE(store.open(file_, log_));
    ASSERT_TRUE(store.put("n", "k", "1"));
    ASSERT_TRUE(store.put("n", "k", "2"));
  }
  fs::remove(file_);
  KeyValueStore store;
  ASSERT_TRUE(store.open(file_, log_));
  EXPECT_EQ(store.find("n", "k"), "1");
}

}  // namespace
}  // namespace tenon::namesrv
