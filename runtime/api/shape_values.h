// Values as their shapes have them: what a client sent in JSON or CBOR becomes what services take, what services give
// becomes what JSON carries. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/shapes.h"
#include "base/json.h"

namespace smhost {

// Members that the shape does not know are dropped (of newer clients), and so are members that are null; times become seconds,
// "NaN" and "Infinity" numbers, bytes base64. SerializationException where a value has another type than its shape.
// A null that is an element or a value of a map stays, for CheckConstraints to name.
ApiResult<Json> ReadInput(const Shape& shape, const Json& sent);

// What JSON carries of it: members that the shape does not know are dropped, nulls too; times take the form that the shape asks
// for (seconds by default), numbers that JSON cannot write become words.
Json JsonOutput(const Shape& shape, const Json& value);

// "productionVariants.1.member.instanceType": the path of a member, as AWS writes it in messages.
std::string MemberPath(const std::string& path, std::string_view member);
std::string ElementPath(const std::string& path, std::size_t index);
std::string EntryPath(const std::string& path, std::string_view key);

}  // namespace smhost
