#include "base/json_object.h"

namespace smhost {

Json ObjectOf(std::initializer_list<JsonMember> members) {
  Json::object_t object;
  for (const JsonMember& member : members) object.emplace(member.name, std::move(member.value));
  return object;
}

}  // namespace smhost
