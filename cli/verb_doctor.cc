#include "context.h"
#include "machine_checks.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

const char* Word(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWarning:
      return "warning";
    case Health::kFault:
      return "fault";
  }
  return "";
}

Colour ColourFor(Health health) {
  return health == Health::kOk ? Colour::kGood : health == Health::kWarning ? Colour::kBusy : Colour::kBad;
}

VerbResult Doctor(Context& context) {
  std::vector<Finding> findings = CheckMachine(context);
  Json list = Json::array();
  std::vector<std::string> names;
  Table table;
  bool fault = false;
  for (const Finding& finding : findings) {
    list.push_back({{"Check", finding.what},
                    {"Result", Word(finding.health)},
                    {"Text", finding.text},
                    {"Remedy", finding.remedy}});
    names.push_back(finding.what + " " + Word(finding.health));
    table.Add(
        {context.out().Paint(Word(finding.health), ColourFor(finding.health)), finding.what, Harmless(finding.text)});
    if (!finding.remedy.empty()) table.Add({"", "", "→ " + finding.remedy});
    fault = fault || finding.health == Health::kFault;
  }
  SMHOST_TRY_STATUS(context.out().Show(list, names, [&] { return table.Text(); }));
  return fault ? Exit::kFailed : Exit::kDone;
}

}  // namespace

Command DoctorCommand() {
  Command command;
  command.name = "doctor";
  command.group = "Help and set-up";
  command.summary = "check this machine, with a remedy for each fault";
  command.description =
      "Checks the state directory, disk, memory, programs, libtorch, runtime, port, limits and GPU. Exit code 1 where "
      "there "
      "is a fault; warnings do not count.";
  command.example = "smhost doctor\nsmhost doctor -o json";
  command.needs_home = false;
  command.run = Doctor;
  return command;
}

}  // namespace smhost::cli
