// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/data_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tenon::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DataDirectoryTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(root_); }
  const fs::path root_ = fs::temp_directory_path() / ("tenon-data-" + std::to_string(getpid()));
};

TEST_F(DataDirectoryTest, IsCreatedWithItsParents) {
  const auto directory = DataDirectory::open(root_ / "a" / "b");
  ASSERT_TRUE(directory) << directory.error().message();
  EXPECT_TRUE(directory->path().is_absolute());
  EXPECT_TRUE(fs::exists(root_ / "a" / "b" / "tenon.lock"));
}

TEST_F(DataDirectoryTest, IsHeldForOneAndNamesItsOwner) {
  {
    // A lock of the open file, so a second one of the same process conflicts as another process does.
    const auto first = DataDirectory::open(root_);
    ASSERT_TRUE(first);
    const auto second = DataDirectory::open(root_);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(Errc::service_not_available));
    EXPECT_THAT(second.error().message(), HasSubstr(text("in use by process ", static_cast<long>(getpid()))));
  }
  EXPECT_TRUE(DataDirectory::open(root_)) << "the lock ends with its owner";
}

TEST_F(DataDirectoryTest, SaysWhyItCannotBeUsed) {
  const auto unwritable = DataDirectory::open("/proc/self/tenon-data");
  ASSERT_FALSE(unwritable);
  EXPECT_THAT(unwritable.error().message(), HasSubstr("data directory /proc/self/tenon-data cannot be used: "));
  EXPECT_FALSE(DataDirectory::open("/proc/self/exe"));
}

}  // namespace
}  // namespace tenon::kernel
