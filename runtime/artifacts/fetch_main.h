// `smhostd fetch`: a process of its own fetches and unpacks one artifact, so that a stranger's archive meets no code that
// anything else depends on. Started by the controller, at the priority that it chooses; may be killed at any moment.
#pragma once

namespace smhost {

// `arguments`: the word fetch, then
//   --home DIR --url URL --max-bytes N [--digest sha256:…] [--timeout-seconds N] [--stall-seconds N]
// --max-bytes bounds the unpacked files; --digest fails where the artifact has another; --timeout-seconds bounds a download.
// Prints one line of JSON on descriptor 1: {"digest":"sha256:…","folder":…,"bytes":N,"entries":N} and returns 0, or
// {"error":{"code","message"}} (code: CodeName) and returns 1; 2 for wrong arguments, said on stderr.
int FetchMain(int count, char** arguments);

}  // namespace smhost
