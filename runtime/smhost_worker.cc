// smhost-worker: launcher, templates and instances around LibTorch. One process starts, all others are forked from it.
#include "worker/program.h"
#include "worker/torch_backend.h"

int main(int argc, char** argv) {
  auto backend = smhost::MakeTorchBackend();
  return smhost::RunWorkerProgram(argc, argv, *backend);
}
