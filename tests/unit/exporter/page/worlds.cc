#include "unit/exporter/page/worlds.h"

namespace exporter::page {

Row Probed(const std::string& server_name, matrix_federation::Observation seen,
           const std::string& group) {
  Watched watched;
  watched.server.server_name = server_name;
  watched.server.group = group;
  const auto report = watched.Take(std::move(seen));
  Row row = MakeRow(watched.server);
  row.slot->Publish(row.slot->Take(),
                    MakeSnapshot(Summarize(report), DetailsOf(report), watched.history));
  return row;
}

Row NeverProbed(const std::string& server_name) { return MakeRow({.server_name = server_name}); }

}  // namespace exporter::page
