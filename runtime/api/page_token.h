// NextToken: where a listing goes on. It says what was shown last, not how many there were, so what is made or deleted
// between two pages neither hides nor repeats anything else. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost {

// The last element shown, by what the listing is sorted by.
struct PagePosition {
  std::string key, name;
};

// `listing`: all that decides what is listed and how, as text; a token is good for the same listing only.
std::string EncodePageToken(const std::string& listing, const PagePosition& position);
// kInvalid for anything that was not made by EncodePageToken of the same listing.
Result<PagePosition> DecodePageToken(const std::string& listing, const std::string& token);

}  // namespace smhost
