// credentials.json as text. Pure; only state/credentials.cc calls it.
#pragma once

#include <string>

#include "state/credentials.h"

namespace smhost {

std::string EncodeCredentials(const Credentials& credentials);
// kCorrupt, kNewerFormat; `path` is for the message, which quotes nothing of the text. Reads the format before accounts
// too, whose session_secret is then empty.
Result<Credentials> DecodeCredentials(const std::string& text, const std::string& path);

}  // namespace smhost
