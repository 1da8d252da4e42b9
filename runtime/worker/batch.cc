#include "worker/batch.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace smhost {
namespace {

const Tensor* OnlyTensor(const Arguments& arguments) {
  if (arguments.empty() || !arguments[0]) return nullptr;
  for (std::size_t i = 1; i < arguments.size(); ++i)
    if (arguments[i]) return nullptr;
  return arguments[0]->As<Tensor>();
}

Tensor RowsFrom(const Tensor& tensor, std::int64_t begin, std::int64_t count) {
  Tensor part{tensor.dtype, tensor.shape, {}};
  std::size_t row_bytes = tensor.shape[0] == 0 ? 0 : tensor.bytes.size() / static_cast<std::size_t>(tensor.shape[0]);
  part.shape[0] = count;
  part.bytes =
      tensor.bytes.substr(static_cast<std::size_t>(begin) * row_bytes, static_cast<std::size_t>(count) * row_bytes);
  return part;
}

struct Rows {
  std::int64_t begin, count, all;
};

std::optional<Value> PartOf(const Value& value, Rows rows) {
  if (const Tensor* tensor = value.As<Tensor>()) {
    if (tensor->shape.empty() || tensor->shape[0] != rows.all) return std::nullopt;
    return Value{RowsFrom(*tensor, rows.begin, rows.count)};
  }
  if (const List* list = value.As<List>()) {
    List part;
    for (const auto& item : list->items) {
      auto taken = PartOf(item, rows);
      if (!taken) return std::nullopt;
      part.items.push_back(std::move(*taken));
    }
    return Value{std::move(part)};
  }
  if (const Dictionary* dictionary = value.As<Dictionary>()) {
    Dictionary part;
    for (const auto& [key, item] : dictionary->items) {
      auto taken = PartOf(item, rows);
      if (!taken) return std::nullopt;
      part.items.emplace_back(key, std::move(*taken));
    }
    return Value{std::move(part)};
  }
  return std::nullopt;  // a scalar speaks of the whole batch: nobody can tell whose it is
}

}  // namespace

std::int64_t RowsOf(const Arguments& arguments) {
  const Tensor* tensor = OnlyTensor(arguments);
  return tensor == nullptr || tensor->shape.empty() ? 0 : tensor->shape[0];
}

bool CanJoin(const Arguments& a, const Arguments& b) {
  if (RowsOf(a) < 1 || RowsOf(b) < 1) return false;
  const Tensor &x = *OnlyTensor(a), &y = *OnlyTensor(b);
  return x.dtype == y.dtype && x.shape.size() == y.shape.size() &&
         std::equal(x.shape.begin() + 1, x.shape.end(), y.shape.begin() + 1);
}

Arguments Join(const std::vector<const Arguments*>& parts) {
  SMHOST_CHECK(!parts.empty());
  Tensor joined = *OnlyTensor(*parts[0]);
  std::size_t bytes = 0;
  for (const Arguments* part : parts) bytes += OnlyTensor(*part)->bytes.size();
  joined.bytes.reserve(bytes);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Tensor& tensor = *OnlyTensor(*parts[i]);
    joined.shape[0] += tensor.shape[0];
    joined.bytes += tensor.bytes;
  }
  Arguments arguments;
  arguments.push_back(Value{std::move(joined)});
  return arguments;
}

std::optional<std::vector<Value>> Split(const Value& value, const std::vector<std::int64_t>& rows) {
  std::int64_t all = std::accumulate(rows.begin(), rows.end(), std::int64_t{0}), begin = 0;
  std::vector<Value> parts;
  for (std::int64_t count : rows) {
    auto part = PartOf(value, {begin, count, all});
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
    begin += count;
  }
  return parts;
}

}  // namespace smhost
