#include "exporter/scrape.h"

#include <optional>

#include "exporter/exposition.h"
#include "exporter/negotiate.h"

namespace exporter {
namespace {

// Compressed. What is larger changes all the time anyway: that many homeservers are always probed.
constexpr std::size_t kKeptMax = std::size_t{16} * 1024 * 1024;

}  // namespace

// The parts of a body, each valid until the next call; empty when there is none left.

class Scrape::Plain {
 public:
  Plain(Exposition exposition, std::string own)
      : exposition_(std::move(exposition)), own_(std::move(own)) {}

  std::string_view operator()() {
    const std::string_view part = exposition_.Next();
    if (!part.empty()) return part;
    if (own_is_next_) {
      own_is_next_ = false;
      return own_;
    }
    return {};
  }

 private:
  Exposition exposition_;
  std::string own_;
  bool own_is_next_ = true;
};

class Scrape::Packed {
 public:
  Packed(Scrape& scrape, Format format, Exposition exposition, std::shared_ptr<Kept> kept)
      : scrape_(scrape),
        format_(format),
        exposition_(std::move(exposition)),
        kept_(std::move(kept)),
        own_(scrape.OwnPart(format)) {}

  std::string_view operator()() {
    part_.clear();
    if (ended_) return {};
    const std::string_view plain = exposition_.Next();
    if (!plain.empty()) {
      writer_.Append(plain, part_);
      Keep();
      return part_;
    }
    ended_ = true;
    if (kept_) {
      kept_->writer = writer_;
      scrape_.kept_.at(static_cast<std::size_t>(format_)) = std::move(kept_);
    }
    writer_.Append(own_, part_);
    writer_.Finish(part_);
    return part_;
  }

 private:
  void Keep() {
    kept_size_ += part_.size();
    if (kept_size_ > kKeptMax) kept_.reset();
    if (kept_) kept_->parts.push_back(part_);
  }

  Scrape& scrape_;
  Format format_;
  Exposition exposition_;
  std::shared_ptr<Kept> kept_;
  std::string own_;
  web::GzipWriter writer_;
  std::string part_;
  std::size_t kept_size_ = 0;
  bool ended_ = false;
};

class Scrape::Again {
 public:
  Again(std::shared_ptr<const Kept> kept, const std::string& own) : kept_(std::move(kept)) {
    web::GzipWriter writer = kept_->writer;
    writer.Append(own, end_);
    writer.Finish(end_);
  }

  std::string_view operator()() {
    if (next_ > kept_->parts.size()) return {};
    const std::size_t part = next_++;
    return part < kept_->parts.size() ? kept_->parts[part] : end_;
  }

 private:
  std::shared_ptr<const Kept> kept_;
  std::string end_;
  std::size_t next_ = 0;
};

web::Response Scrape::Answer(const web::Request& request, matrix_federation::SystemTime now) {
  const Format format = NegotiateFormat(request.accept);
  web::Response response;
  response.content_type = MediaType(format);
  response.negotiated = true;
  response.compressible = true;
  response.is_gzip = request.gzip;
  const auto& kept = kept_.at(static_cast<std::size_t>(format));
  if (request.gzip && kept && kept->moment.IsCurrent(board_, now)) {
    response.next_part = web::Parts(Again(kept, OwnPart(format)));
    return response;
  }
  ++renderings_;
  auto gathering = gatherings_.Take(now);
  auto keep = std::make_shared<Kept>();
  keep->moment = gathering->moment();
  Exposition exposition(std::move(gathering), format);
  if (request.gzip) {
    response.next_part = web::Parts(Packed(*this, format, std::move(exposition), std::move(keep)));
  } else {
    response.next_part = web::Parts(Plain(std::move(exposition), OwnPart(format)));
  }
  return response;
}

std::string Scrape::OwnPart(Format format) const {
  std::string text = instruments_.Render(format);
  AppendEnd(format, text);
  return text;
}

}  // namespace exporter
