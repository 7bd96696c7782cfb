#include "exporter/background_writer.h"

#include <gtest/gtest.h>

#include <future>
#include <sstream>
#include <streambuf>

namespace exporter {
namespace {

// Takes nothing before it is told to, as a pipe that nobody reads; then all, or nothing ever.
class SlowBuffer : public std::streambuf {
 public:
  void Open(bool is_well) { opened_.set_value(is_well); }
  [[nodiscard]] const std::string& text() const { return text_; }

 protected:
  std::streamsize xsputn(const char* data, std::streamsize length) override {
    if (!open_.get()) return 0;
    text_.append(data, static_cast<std::size_t>(length));
    return length;
  }

 private:
  std::promise<bool> opened_;
  std::shared_future<bool> open_ = opened_.get_future().share();
  std::string text_;
};

TEST(BackgroundWriter, WritesEverythingInItsOrder) {
  std::ostringstream out;
  BackgroundWriter writer(out);
  for (const char* text : {"a", "", "b", "c"}) EXPECT_TRUE(writer.Write(text));
  EXPECT_TRUE(writer.Finish());
  EXPECT_EQ(out.str(), "abc");
}

TEST(BackgroundWriter, HoldsUpNobodyWhileNobodyReads) {
  SlowBuffer buffer;
  std::ostream out(&buffer);
  BackgroundWriter writer(out);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(writer.Write("x"));
  buffer.Open(true);
  EXPECT_TRUE(writer.Finish());
  EXPECT_EQ(buffer.text(), std::string(1000, 'x'));
}

TEST(BackgroundWriter, SaysWhenNothingFurtherCanBeWritten) {
  SlowBuffer buffer;
  std::ostream out(&buffer);
  BackgroundWriter writer(out);
  EXPECT_TRUE(writer.Write("x"));
  buffer.Open(false);
  EXPECT_FALSE(writer.Finish());
  EXPECT_FALSE(writer.Write("y"));
}

TEST(BackgroundWriter, WritesWhatIsLeftAtItsEnd) {
  std::ostringstream out;
  {
    BackgroundWriter(out).Write("a");
  }
  EXPECT_EQ(out.str(), "a");
}

}  // namespace
}  // namespace exporter
