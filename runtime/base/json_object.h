// An object made of its members, each moved to its place: what nlohmann's braces say, without the lists of pairs that
// they make on the way. For what is made again and again; elsewhere braces do. Any thread.
#pragma once

#include <initializer_list>

#include "base/json.h"

namespace smhost {

struct JsonMember {
  const char* name;
  mutable Json value;  // a list in braces is constant, its members are moved out of it all the same
};

// Of two members of one name the first counts, as in braces.
Json ObjectOf(std::initializer_list<JsonMember> members);

}  // namespace smhost
