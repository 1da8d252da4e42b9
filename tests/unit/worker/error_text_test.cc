#include "worker/error_text.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {
constexpr const char* kShapes =
    "The following operation failed in the TorchScript interpreter.\n"
    "Traceback of TorchScript, serialized code (most recent call last):\n"
    "  File \"code/__torch__.py\", line 7, in forward\n"
    "    x = torch.matmul(x, self.w)\n"
    "        ~~~~~~~~~~~~ <--- HERE\n"
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x3 and 784x512)\n";
}  // namespace

TEST_CASE("only what torch says at last is left of a traceback") {
  CHECK(ReadableTorchMessage(kShapes) == "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x3 and 784x512)");
}

TEST_CASE("a message of several lines is kept, a C++ stack is not") {
  CHECK(ReadableTorchMessage("forward() Expected a value of type 'int' for argument 'sr'.\nPosition: 2\nException "
                             "raised from f at a.cpp:1 "
                             "(most recent call first):\nframe #0: x") ==
        "forward() Expected a value of type 'int' for argument 'sr'.\nPosition: 2");
}

TEST_CASE("wrapped exceptions are unwrapped") {
  CHECK(ReadableTorchMessage("Traceback of TorchScript\nbuiltins.ValueError: 8000 or 16000\n") ==
        "ValueError: 8000 or 16000");
  CHECK(ReadableTorchMessage("Traceback of TorchScript\nRuntimeError: KeyError: c\n") == "KeyError: c");
}

TEST_CASE("a message is at most 2 KB and never ends within a character") {
  std::string text = ReadableTorchMessage(std::string(2047, 'x') + "€€");
  CHECK(text == std::string(2047, 'x') + " …");
  CHECK_FALSE(ReadableTorchMessage("").empty());
}

TEST_CASE("the text tells whose fault it is") {
  CHECK(CodeOfTorchMessage(ReadableTorchMessage(kShapes)) == Code::kInvalid);
  CHECK(CodeOfTorchMessage("ValueError: 8000 or 16000") == Code::kInvalid);
  CHECK(CodeOfTorchMessage("forward() is missing value for argument 'x'") == Code::kInvalid);
  CHECK(CodeOfTorchMessage("NotImplementedError: not for this layout") == Code::kInternal);
  CHECK(CodeOfTorchMessage("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes") ==
        Code::kTooLarge);
  CHECK(CodeOfTorchMessage("RuntimeError: CUDA error: device-side assert triggered") == Code::kCorrupt);
}

}  // namespace smhost
