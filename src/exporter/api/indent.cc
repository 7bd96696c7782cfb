#include "exporter/api/indent.h"

namespace exporter {
namespace {

class Indenter {
 public:
  std::string Write(std::string_view json) {
    out_.reserve(json.size() * 2);
    for (const char c : json) in_string_ ? WriteInString(c) : WriteOutside(c);
    return std::move(out_);
  }

 private:
  void WriteInString(char c) {
    switch (c) {
      case '<': out_ += "\\u003c"; break;
      case '>': out_ += "\\u003e"; break;
      case '&': out_ += "\\u0026"; break;
      default: out_.push_back(c);
    }
    in_string_ = is_escaped_ || c != '"';
    is_escaped_ = !is_escaped_ && c == '\\';
  }

  void WriteOutside(char c) {
    switch (c) {
      case ' ':
      case '\n':
      case '\r':
      case '\t': return;
      case '{':
      case '[':
        Begin();
        ++depth_;
        is_empty_ = true;
        break;
      case '}':
      case ']':
        --depth_;
        if (!is_empty_) NewLine();
        is_empty_ = false;
        break;
      case ',': break;
      case ':': out_ += ": "; return;
      default: Begin(); in_string_ = c == '"';
    }
    out_.push_back(c);
    if (c == ',') NewLine();
  }

  // The first thing in an object or array.
  void Begin() {
    if (is_empty_) NewLine();
    is_empty_ = false;
  }

  void NewLine() {
    out_.push_back('\n');
    out_.append(2 * depth_, ' ');
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool is_empty_ = false;  // so far, what was opened last
  bool in_string_ = false;
  bool is_escaped_ = false;
};

}  // namespace

std::string Indent(std::string_view json) { return Indenter().Write(json); }

}  // namespace exporter
