#include "worker/torch_value.h"

#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/jit_type.h>
#include <ATen/ops/from_blob.h>
#include <c10/util/Exception.h>
#include <torch/csrc/jit/runtime/jit_exception.h>

#include <memory>
#include <new>

#include "base/check.h"
#include "worker/error_text.h"

namespace smhost {
namespace {

constexpr int kMostDepth = 64;

at::ScalarType ScalarTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return at::kBool;
    case DType::kU8:
      return at::kByte;
    case DType::kU16:
      return at::kUInt16;
    case DType::kU32:
      return at::kUInt32;
    case DType::kU64:
      return at::kUInt64;
    case DType::kI8:
      return at::kChar;
    case DType::kI16:
      return at::kShort;
    case DType::kI32:
      return at::kInt;
    case DType::kI64:
      return at::kLong;
    case DType::kF16:
      return at::kHalf;
    case DType::kBF16:
      return at::kBFloat16;
    case DType::kF32:
      return at::kFloat;
    case DType::kF64:
      return at::kDouble;
  }
  return at::kFloat;
}

std::optional<DType> DTypeOf(at::ScalarType type) {
  for (int i = 0; i <= static_cast<int>(DType::kF64); ++i)
    if (ScalarTypeOf(static_cast<DType>(i)) == type) return static_cast<DType>(i);
  return std::nullopt;
}

TypeSpec SpecOf(const c10::TypePtr& type) {
  using Kind = TypeSpec::Kind;
  TypeSpec spec;
  spec.text = type->annotation_str();
  if (auto optional = type->cast<c10::OptionalType>()) {
    TypeSpec inner = SpecOf(optional->getElementType());
    inner.optional = true;
    inner.text = spec.text;
    return inner;
  }
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      spec.kind = Kind::kTensor;
      break;
    case c10::TypeKind::IntType:
      spec.kind = Kind::kInt;
      break;
    case c10::TypeKind::FloatType:
      spec.kind = Kind::kFloat;
      break;
    case c10::TypeKind::NumberType:
      spec.kind = Kind::kNumber;
      break;
    case c10::TypeKind::BoolType:
      spec.kind = Kind::kBool;
      break;
    case c10::TypeKind::StringType:
      spec.kind = Kind::kString;
      break;
    case c10::TypeKind::ListType:
      spec.kind = Kind::kList;
      break;
    case c10::TypeKind::TupleType:
      spec.kind = Kind::kTuple;
      break;
    case c10::TypeKind::DictType:
      spec.kind = Kind::kDictionary;
      break;
    case c10::TypeKind::AnyType:
      spec.kind = Kind::kAny;
      break;
    default:
      spec.kind = Kind::kOther;
      break;
  }
  if (spec.kind == Kind::kList || spec.kind == Kind::kTuple || spec.kind == Kind::kDictionary)
    for (const auto& inner : type->containedTypes()) spec.inner.push_back(SpecOf(inner));
  return spec;
}

class Importer {
 public:
  explicit Importer(const at::Device& device) : device_(device) {}

  Result<c10::IValue> Import(const Value& value, const c10::TypePtr& type) const {
    if (auto optional = type->cast<c10::OptionalType>())
      return value.As<None>() ? c10::IValue() : Import(value, optional->getElementType());
    if (auto* tensor = value.As<Tensor>()) return c10::IValue(ToTorch(*tensor).to(device_));
    if (auto* flag = value.As<bool>()) return c10::IValue(*flag);
    if (auto* number = value.As<std::int64_t>())
      return type->kind() == c10::TypeKind::FloatType ? c10::IValue(static_cast<double>(*number))
                                                      : c10::IValue(*number);
    if (auto* number = value.As<double>()) return c10::IValue(*number);
    if (auto* text = value.As<std::string>()) return c10::IValue(*text);
    if (auto* list = value.As<List>()) return ImportList(*list, type);
    if (auto* dictionary = value.As<Dictionary>()) return ImportDictionary(*dictionary, type);
    return c10::IValue();
  }

 private:
  Result<c10::IValue> ImportList(const List& list, const c10::TypePtr& type) const {
    if (auto tuple = type->cast<c10::TupleType>()) {
      std::vector<c10::IValue> items;
      for (std::size_t i = 0; i < list.items.size(); ++i) {
        SMHOST_TRY(c10::IValue item, Import(list.items[i], tuple->elements().at(i)));
        items.push_back(std::move(item));
      }
      return c10::IValue(c10::ivalue::Tuple::create(std::move(items)));
    }
    auto list_type = type->cast<c10::ListType>();
    c10::TypePtr element = list_type ? list_type->getElementType() : c10::TypePtr(c10::AnyType::get());
    c10::impl::GenericList items(element);
    for (const auto& one : list.items) {
      SMHOST_TRY(c10::IValue item, Import(one, element));
      items.push_back(std::move(item));
    }
    return c10::IValue(std::move(items));
  }

  Result<c10::IValue> ImportDictionary(const Dictionary& dictionary, const c10::TypePtr& type) const {
    auto dict = type->cast<c10::DictType>();
    c10::TypePtr key_type = dict ? dict->getKeyType() : c10::TypePtr(c10::StringType::get());
    c10::TypePtr value_type = dict ? dict->getValueType() : c10::TypePtr(c10::AnyType::get());
    c10::impl::GenericDict items(key_type, value_type);
    for (const auto& [key, one] : dictionary.items) {
      SMHOST_TRY(c10::IValue name, Import(key, key_type));
      SMHOST_TRY(c10::IValue item, Import(one, value_type));
      items.insert_or_assign(std::move(name), std::move(item));
    }
    return c10::IValue(std::move(items));
  }

  const at::Device& device_;
};

Result<Value> Export(const c10::IValue& value, int depth);

Result<Value> ExportList(c10::ArrayRef<c10::IValue> items, int depth) {
  List list;
  for (const auto& item : items) {
    SMHOST_TRY(Value one, Export(item, depth + 1));
    list.items.push_back(std::move(one));
  }
  return Value{std::move(list)};
}

Result<Value> ExportDictionary(const c10::impl::GenericDict& items, int depth) {
  Dictionary dictionary;
  for (const auto& item : items) {
    SMHOST_TRY(Value key, Export(item.key(), depth + 1));
    SMHOST_TRY(Value one, Export(item.value(), depth + 1));
    dictionary.items.emplace_back(std::move(key), std::move(one));
  }
  return Value{std::move(dictionary)};
}

Result<Value> Export(const c10::IValue& value, int depth) {
  if (depth > kMostDepth) return Fail(Code::kUnsupported, "the model's answer is nested too deep");
  if (value.isNone()) return Value{None{}};
  if (value.isTensor()) {
    SMHOST_TRY(Tensor tensor, FromTorch(value.toTensor()));
    return Value{std::move(tensor)};
  }
  if (value.isBool()) return Value{value.toBool()};
  if (value.isInt()) return Value{value.toInt()};
  if (value.isDouble()) return Value{value.toDouble()};
  if (value.isString()) return Value{value.toStringRef()};
  if (value.isTuple()) return ExportList(value.toTupleRef().elements().asArrayRef(), depth);
  if (value.isList()) return ExportList(value.toListRef(), depth);
  if (value.isGenericDict()) return ExportDictionary(value.toGenericDict(), depth);
  return Fail(Code::kUnsupported, "the model's answer holds a " + value.tagKind() + ", which no answer can hold");
}

}  // namespace

MethodSchema SchemaOf(const c10::FunctionSchema& schema) {
  MethodSchema made;
  for (std::size_t i = 1; i < schema.arguments().size(); ++i) {  // 0 is the module
    const auto& argument = schema.arguments()[i];
    made.arguments.push_back({argument.name(), SpecOf(argument.type()), argument.default_value().has_value()});
  }
  return made;
}

at::Tensor ToTorch(const Tensor& tensor) {
  auto owner = std::make_shared<std::string>(tensor.bytes);
  void* data = owner->data();
  return at::from_blob(
      data, tensor.shape, [owner](void*) {}, at::TensorOptions(ScalarTypeOf(tensor.dtype)));
}

Result<c10::IValue> ToTorch(const Value& value, const c10::TypePtr& type, const at::Device& device) {
  return Importer(device).Import(value, type);
}

Result<Tensor> FromTorch(const at::Tensor& tensor) {
  if (!tensor.defined()) return Fail(Code::kUnsupported, "the model's answer holds a tensor without content");
  at::Tensor dense = tensor.detach();
  if (dense.is_quantized()) dense = dense.dequantize();
  if (dense.layout() != at::kStrided) dense = dense.to_dense();
  dense = dense.to(at::kCPU).contiguous();
  auto dtype = DTypeOf(dense.scalar_type());
  if (!dtype)
    return Fail(Code::kUnsupported, std::string("the model's answer holds a tensor of ") +
                                        c10::toString(dense.scalar_type()) + ", which no answer can hold");
  Tensor made{*dtype, dense.sizes().vec(), {}};
  made.bytes.assign(static_cast<const char*>(dense.const_data_ptr()), dense.nbytes());
  return made;
}

Result<Value> FromTorch(const c10::IValue& value) { return Export(value, 0); }

Error ErrorFromTorch() {
  auto made = [](const std::string& what) {
    std::string message = ReadableTorchMessage(what);
    return Error{CodeOfTorchMessage(message), message, {}};
  };
  try {
    throw;
  } catch (const torch::jit::JITException& error) {
    Error raised = made(error.what());
    // A RuntimeError of an operator blames its inputs; one that the model itself raises says nothing about them.
    if (raised.message.rfind("RuntimeError: ", 0) == 0 && raised.code == Code::kInvalid) raised.code = Code::kInternal;
    return raised;
  } catch (const c10::OutOfMemoryError& error) {
    return {Code::kTooLarge, ReadableTorchMessage(error.what_without_backtrace()), {}};
  } catch (const c10::Error& error) {
    return made(error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return {Code::kTooLarge, "memory could not be had", {}};
  } catch (const std::exception& error) {
    return made(error.what());
  } catch (...) {
    return {Code::kInternal, "the model threw something that is no exception", {}};
  }
}

}  // namespace smhost
