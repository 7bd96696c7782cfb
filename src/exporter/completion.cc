#include "exporter/completion.h"

#include <string_view>

#include "exporter/flags.h"
#include "matrix_federation/check.h"
#include "matrix_federation/explanation.h"

namespace exporter {
namespace {

constexpr std::string_view kProgram = "matrix-federation-exporter";

// Everything that `explain` knows.
std::string WordsToExplain() {
  std::string words;
  for (const auto& row : matrix_federation::kReasonRows) words += std::string(row.word) + " ";
  for (const auto& row : matrix_federation::kWarningRows) words += std::string(row.word) + " ";
  for (const auto* check : matrix_federation::AllChecks()) words += std::string(check->name) + " ";
  words.pop_back();
  return words;
}

std::string VerbNames() {
  std::string names;
  for (const Verb& verb : AllVerbs()) names += (names.empty() ? "" : " ") + std::string(verb.name);
  return names;
}

std::string FlagNames(const Verb* verb) {
  std::string names;
  for (const Flag& flag : AllFlags()) {
    if (!IsFor(flag, verb)) continue;
    names += (names.empty() ? "--" : " --") + std::string(flag.name);
    if (!flag.value.empty()) names += "=";
  }
  return names;
}

// A flag whose value is a file is completed as one; else by its words, or not at all.
std::string BashValue(const Flag& flag) {
  const std::string pattern = "    --" + std::string(flag.name) + ") ";
  if (flag.value == "FILE") return pattern + "COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n";
  if (flag.words.empty()) return pattern + "return ;;\n";
  return pattern + "COMPREPLY=($(compgen -W '" + std::string(flag.words) +
         "' -- \"$cur\")); return ;;\n";
}

std::string Bash() {
  std::string out =
      "# bash completion of matrix-federation-exporter, made by --print-completion=bash\n"
      "_matrix_federation_exporter() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words\n"
      "  # \"=\" is a word of its own on the line\n"
      "  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then "
      "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      "  case $prev in\n";
  for (const Flag& flag : AllFlags()) {
    if (!flag.value.empty()) out += BashValue(flag);
  }
  out += "  esac\n  case ${COMP_WORDS[1]} in\n";
  for (const Verb& verb : AllVerbs()) {
    out += "    " + std::string(verb.name) + ") words='" + FlagNames(&verb) +
           (verb.command == Command::kExplain ? " " + WordsToExplain() : "") + "' ;;\n";
  }
  out += "    *) words='" + FlagNames(nullptr) + "'; ((COMP_CWORD == 1)) && words+=' " +
         VerbNames() +
         "' ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "  if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi\n"
         "}\n"
         "complete -F _matrix_federation_exporter " +
         std::string(kProgram) + "\n";
  return out;
}

// What stands in brackets and behind colons has a meaning in zsh's argument specifications.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

std::string ZshFlags(const Verb* verb) {
  std::string out;
  for (const Flag& flag : AllFlags()) {
    if (!IsFor(flag, verb)) continue;
    out += " \\\n        '--" + std::string(flag.name) + (flag.value.empty() ? "" : "=") + "[" +
           ZshText(flag.help) + "]";
    if (flag.value == "FILE") {
      out += ":file:_files";
    } else if (!flag.words.empty()) {
      out += ":value:(" + std::string(flag.words) + ")";
    } else if (!flag.value.empty()) {
      out += ":value: ";
    }
    out += "'";
  }
  return out;
}

std::string Zsh() {
  std::string out =
      "#compdef matrix-federation-exporter\n"
      "# zsh completion of matrix-federation-exporter, made by --print-completion=zsh\n"
      "_matrix_federation_exporter() {\n"
      "  case ${words[2]} in\n";
  for (const Verb& verb : AllVerbs()) {
    out += "    " + std::string(verb.name) +
           ")\n      shift words; ((CURRENT--))\n      _arguments" + ZshFlags(&verb);
    if (!verb.takes.empty()) {
      out += " \\\n        '*:" + std::string(verb.takes) + ":" +
             (verb.command == Command::kExplain ? "(" + WordsToExplain() + ")" : " ") + "'";
    }
    out += " ;;\n";
  }
  out += "    *)\n      _arguments" + ZshFlags(nullptr) + " \\\n        '1:command:(" +
         VerbNames() +
         ")' ;;\n"
         "  esac\n"
         "}\n"
         "_matrix_federation_exporter \"$@\"\n";
  return out;
}

std::string FishText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string FishFlags(const Verb* verb, const std::string& condition) {
  std::string out;
  for (const Flag& flag : AllFlags()) {
    if (!IsFor(flag, verb)) continue;
    out += "complete -c " + std::string(kProgram) + " -n '" + condition + "' -l '" +
           std::string(flag.name) + "'";
    if (flag.value == "FILE") {
      out += " -r -F";
    } else if (!flag.value.empty()) {
      out += " -x";
    }
    if (!flag.words.empty()) out += " -a '" + std::string(flag.words) + "'";
    out += " -d '" + FishText(flag.help) + "'\n";
  }
  return out;
}

std::string Fish() {
  const std::string program(kProgram);
  std::string out =
      "# fish completion of matrix-federation-exporter, made by --print-completion=fish\n"
      "complete -c " +
      program + " -f\n";
  for (const Verb& verb : AllVerbs()) {
    out += "complete -c " + program + " -n '__fish_is_first_arg' -a " + std::string(verb.name) +
           " -d '" + FishText(verb.summary) + "'\n";
  }
  out += FishFlags(nullptr, "not __fish_seen_subcommand_from " + VerbNames());
  for (const Verb& verb : AllVerbs()) {
    const std::string seen = "__fish_seen_subcommand_from " + std::string(verb.name);
    out += FishFlags(&verb, seen);
    if (verb.command != Command::kExplain) continue;
    out += "complete -c " + program + " -n '" + seen + "' -a '" + WordsToExplain() + "'\n";
  }
  return out;
}

}  // namespace

std::string Completion(std::string_view shell) {
  if (shell == "bash") return Bash();
  return shell == "zsh" ? Zsh() : Fish();
}

}  // namespace exporter
