// An instance: answers requests with its template's model. Two threads of its own: the I/O thread (the process's first)
// reads frames into a queue, the inference thread takes them, runs the model and writes the answers; torch adds its
// pool. Ends by SIGTERM or a Drain frame after every answer it owes. Whatever a request holds, the instance stays.
#pragma once

#include "base/descriptor.h"
#include "base/process.h"
#include "state/home.h"
#include "wire/control.h"
#include "worker/model.h"

namespace smhost {

struct InstanceSetup {
  const Home& home;
  const InstanceOrder& order;
  const std::string& digest;
  const std::string& model_folder;
  const Settings& settings;
  Model& model;
  ProcessId parent;  // the template: it reads `output`, the pipe behind our stdout and stderr, as long as it lives
  int output =
      -1;  // its reading end, ours too from the fork on: what is in the pipe when the template dies is not lost
};

// In the forked child; the value is the exit code.
int RunInstance(const InstanceSetup& setup, Descriptor listener);

}  // namespace smhost
