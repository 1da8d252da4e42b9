// The process `smhostd golden`: tries golden sets on one instance and prints one line of JSON. A child of its own, because
// a model's answers are parsed in it.
//
//   --home DIR --socket PATH --set FILE [--folder SNAPSHOT/golden]     at least one of --set and --folder
//   {"passed":true,"requests":12,"slowest_ms":3.5}
//   {"passed":false,"failure":"request 3 (zeros): at $[0] expected 0.5, got 0.7, …","requests":3,"slowest_ms":3.5}
//
// Exit status: 0 passed, 1 failed, 2 wrong usage.
#pragma once

namespace smhost {

int GoldenMain(int count, char** arguments);

}  // namespace smhost
