#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "exporter/check_command.h"
#include "exporter/command_line.h"
#include "exporter/completion.h"
#include "exporter/config_check.h"
#include "exporter/daemon.h"
#include "exporter/documentation.h"
#include "exporter/explain_command.h"
#include "exporter/healthcheck_command.h"
#include "exporter/man_page.h"
#include "exporter/settings.h"

namespace {

int Execute(const exporter::CommandLine& line) {
  using exporter::Command;
  switch (line.command) {
    case Command::kDaemon: return exporter::RunDaemon(line);
    case Command::kCheck: return exporter::RunCheck(line);
    case Command::kExplain: return exporter::RunExplain(line);
    case Command::kHealthcheck: return exporter::RunHealthcheck(line);
    case Command::kCheckConfig: return exporter::RunConfigCheck(line);
    case Command::kPrintConfig: std::cout << exporter::ReferenceConfiguration(); return 0;
    case Command::kPrintMetrics: std::cout << exporter::MetricCatalogue(); return 0;
    case Command::kPrintChecks: std::cout << exporter::CheckList(); return 0;
    case Command::kPrintReasons: std::cout << exporter::ReasonList(); return 0;
    case Command::kPrintManPage: std::cout << exporter::ManPage(); return 0;
    case Command::kPrintCompletion: std::cout << exporter::Completion(line.shell); return 0;
    case Command::kVersion: std::cout << exporter::VersionText(); return 0;
    case Command::kHelp: std::cout << exporter::HelpText(); return 0;
  }
  return 1;
}

// Of a command that could not be carried out.
int FailureStatus(exporter::Command command) {
  const bool for_scripts =
      command == exporter::Command::kCheck || command == exporter::Command::kExplain;
  return for_scripts ? exporter::kCheckImpossible : 1;
}

int Run(const exporter::CommandLine& line) {
  const int status = Execute(line);
  // On a full disk, say, half a text must not pass for a whole one.
  if (std::cout.flush()) return status;
  std::cerr << "matrix-federation-exporter: standard output cannot be written to\n";
  return FailureStatus(line.command);
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that goes away is an error of one connection, never a signal.
  std::signal(SIGPIPE, SIG_IGN);
  const auto line = exporter::ParseCommandLine({argv + 1, argv + argc});
  if (!line.error.empty()) {
    std::cerr << "matrix-federation-exporter: " << line.error << "\n";
    return FailureStatus(line.command);
  }
  try {
    return Run(line);
  } catch (const std::exception& error) {
    std::cerr << "matrix-federation-exporter: " << error.what() << "\n";
    return FailureStatus(line.command);
  }
}
