// Joining requests along dimension 0 and splitting what came out. Pure.
#pragma once

#include <optional>
#include <vector>

#include "worker/value.h"

namespace smhost {

// Do both hold one tensor, of the same type and the same shape but for dimension 0?
bool CanJoin(const Arguments& a, const Arguments& b);
// All of which can be joined with the first.
Arguments Join(const std::vector<const Arguments*>& parts);
// How many rows dimension 0 of its tensor has; 0 where it cannot be joined with anything.
std::int64_t RowsOf(const Arguments& arguments);
// The value's part for each of `rows`; nothing where a tensor in it has not as many rows as all of them together.
std::optional<std::vector<Value>> Split(const Value& value, const std::vector<std::int64_t>& rows);

}  // namespace smhost
