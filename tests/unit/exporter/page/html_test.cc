#include "exporter/page/html.h"

#include <gtest/gtest.h>

#include "exporter/page/moment.h"

#include "exporter/page/prose.h"

namespace exporter::page {
namespace {

template <typename Text>
std::string Written(const Text& text) {
  Html html;
  html << text;
  return html.Take();
}

TEST(Html, KeepsItsOwnMarkup) {
  Html html;
  html << "<p class=\"a\">" << std::string("b") << "</p>" << 3;
  EXPECT_EQ(html.text(), "<p class=\"a\">b</p>3");
}

TEST(Html, NeverTakesAStringForMarkup) {
  EXPECT_EQ(Written(std::string("<script>alert('1')</script>&\"")),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;");
  EXPECT_EQ(Written(std::string_view("</p>")), "&lt;/p&gt;");
}

TEST(Html, ReplacesWhatNoDocumentMayHold) {
  EXPECT_EQ(Written(std::string("a\0b\x1b\n", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\n");
}

TEST(PercentEncode, LeavesNothingThatAnAddressGivesAMeaning) {
  EXPECT_EQ(PercentEncode("[2001:db8::1]:8448"), "%5B2001%3Adb8%3A%3A1%5D%3A8448");
  EXPECT_EQ(PercentEncode("a/b?c#d e\xC3\xA4"), "a%2Fb%3Fc%23d%20e%C3%A4");
  EXPECT_EQ(PercentEncode("Matrix-1.example.org_~"), "Matrix-1.example.org_~");
}

TEST(ProseTest, TellsCodeFromWords) {
  EXPECT_EQ(Written(Prose{"Say `a < b`\nto it.\n\n    x <y\n      z\n\nDone."}),
            "<p>Say <code>a &lt; b</code>\nto it.</p>\n"
            "<pre tabindex=\"0\"><code>x &lt;y\n  z\n</code></pre>\n<p>Done.</p>\n");
}

TEST(TimeLeft, ReachesAsFarAsCertificatesDo) {
  using std::chrono::seconds;
  const matrix_federation::SystemSeconds no_end{seconds{253'402'300'799}};  // RFC 5280
  const SystemTime now{seconds{1'800'000'000}};
  EXPECT_EQ(TimeLeft(no_end, now), "7978 years left");
  EXPECT_EQ(Rfc3339(no_end), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace exporter::page
