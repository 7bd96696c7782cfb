// make_state DIR COUNT: DIR/state, as a daemon leaves it that has probed COUNT homeservers just
// now, and DIR/exporter.yaml with their names, who are due in a day.

#include <fstream>
#include <iostream>
#include <string>

#include "exporter/board.h"
#include "exporter/history.h"
#include "exporter/state_file.h"
#include "exporter/state_record.h"
#include "sample_report.h"

namespace bench {
namespace {

std::string Record(std::size_t number, matrix_federation::SystemTime now) {
  static const exporter::Settings kSettings;
  const exporter::Homeserver server{.server_name = SampleName(number)};
  const auto report = SampleReport(number);
  exporter::History history;
  exporter::Update(history, report, now);
  const auto block = exporter::RenderBlock({server, kSettings, history, &report, now});
  std::string record;
  const auto summary = exporter::Summarize(report);
  if (!exporter::AppendRecord(server.server_name, history, *block, &summary,
                              exporter::DetailsOf(report), record)) {
    throw std::runtime_error("the sample is too large for a state file");
  }
  return record;
}

bool Make(const std::string& directory, std::size_t count) {
  const auto now = std::chrono::system_clock::now();
  exporter::StateFileWriter writer(directory + "/state", now);
  std::ofstream config(directory + "/exporter.yaml");
  config << "probe: {interval: 24h, failure_interval: 24h}\nhomeservers:\n";
  for (std::size_t i = 0; i < count; ++i) {
    writer.Append(Record(i, now));
    config << "  - " << SampleName(i) << "\n";
  }
  return writer.Commit() && config.flush().good();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc == 3 && bench::Make(argv[1], std::stoul(argv[2]))) return 0;
  std::cerr << "make_state DIR COUNT\n";
  return 1;
}
