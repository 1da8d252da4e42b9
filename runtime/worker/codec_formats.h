// The three formats behind codec.h, a file each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worker/value.h"

namespace smhost {

Result<Arguments> DecodeJson(std::string_view body, const MethodSchema& schema, std::optional<DType> dtype);
Result<Tensor> DecodeCsv(std::string_view body, DType dtype);
Result<Tensor> DecodeNpy(std::string_view body);

Result<std::string> EncodeJson(const Value& value);
Result<std::string> EncodeCsv(const Value& value);
Result<std::string> EncodeNpy(const Value& value);

// The value as numpy's asarray would make it: lists of equal shapes are stacked. kUnsupported where it cannot.
Result<Tensor> AsArray(const Value& value);

// As Python prints it: the fewest digits that give the same number back, "1.0" for a whole one, "1e+16", "nan" and
// "inf". Of a float, those that give the same float back.
void AppendFloat(float value, std::string& out);
void AppendDouble(double value, std::string& out);

// A number as Python's float() reads it: blanks around it, "+1", "inf", "Infinity", "nan" in any case. False: it is
// none.
bool ParseFloat(std::string_view text, double& value);

}  // namespace smhost
