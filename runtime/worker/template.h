// A template: one model, loaded and never run. Forks instances, which share its weights copy-on-write, pumps their
// output into their logs and tells its connections when one ends. One thread, one loop; while the model loads a second
// one, of low priority, which is gone before anything is forked. Its death ends no instance.
#pragma once

#include "base/descriptor.h"
#include "state/home.h"
#include "wire/control.h"
#include "worker/model.h"

namespace smhost {

// In the forked child. Loads the model, then serves `listener` until SIGTERM; the value is the exit code.
int RunTemplate(const Home& home, const TemplateOrder& order, Descriptor listener, Backend& backend);

}  // namespace smhost
