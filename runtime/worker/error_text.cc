#include "worker/error_text.h"

#include <initializer_list>
#include <string_view>

namespace smhost {
namespace {

constexpr std::size_t kMostBytes = 2048;

// "ValueError: …", "torch.jit.Error: …": where the last line of a traceback begins; npos where there is none.
std::size_t FindRaised(std::string_view text) {
  std::size_t found = std::string_view::npos;
  for (std::size_t line = 0; line < text.size();) {
    std::size_t end = text.find('\n', line);
    if (end == std::string_view::npos) end = text.size();
    std::string_view whole = text.substr(line, end - line);
    std::string_view name = whole.substr(0, whole.find(": "));
    bool is_name =
        name.size() < whole.size() && !name.empty() && name.find_first_of(" \t\"'(") == std::string_view::npos;
    bool is_error = name.find("Error") != std::string_view::npos || name.find("Exception") != std::string_view::npos;
    if (is_name && is_error) found = line;
    line = end + 1;
  }
  return found;
}

void CutAt(std::string& text, const char* mark) {
  auto at = text.find(mark);
  if (at != std::string::npos) text.resize(at);
}

// "builtins.ValueError: x" and "RuntimeError: KeyError: x" (an operator's error wrapped once more) become what they
// are.
void Unwrap(std::string& text) {
  for (const char* wrapping : {"builtins.", "RuntimeError: "}) {
    std::string_view rest = text;
    if (rest.rfind(wrapping, 0) != 0) continue;
    rest.remove_prefix(std::string_view(wrapping).size());
    if (FindRaised(rest.substr(0, rest.find('\n'))) == 0) text.erase(0, text.size() - rest.size());
  }
}

bool Mentions(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) != std::string::npos) return true;
  return false;
}

bool BeginsWith(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.rfind(word, 0) == 0) return true;
  return false;
}

}  // namespace

std::string ReadableTorchMessage(const std::string& what) {
  std::string text = what;
  CutAt(text, "\nException raised from ");
  CutAt(text, "\nC++ CapturedTraceback:");
  if (text.find("Traceback of TorchScript") != std::string::npos) {
    if (auto raised = FindRaised(text); raised != std::string::npos) text.erase(0, raised);
  }
  Unwrap(text);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kMostBytes) {
    std::size_t end = kMostBytes;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not in the middle of a character
    text.resize(end);
    text += " …";
  }
  return text.empty() ? "torch gave no message" : text;
}

Code CodeOfTorchMessage(const std::string& message) {
  if (Mentions(message, {"can't allocate memory", "not enough memory", "out of memory", "std::bad_alloc"}))
    return Code::kTooLarge;
  if (Mentions(message, {"CUDA error", "CUBLAS_STATUS_", "CUDNN_STATUS_"})) return Code::kCorrupt;
  // Raised by the model's own code: these speak of its arguments, others of itself.
  if (BeginsWith(message,
                 {"ValueError: ", "TypeError: ", "IndexError: ", "KeyError: ", "AssertionError: ", "RuntimeError: "}))
    return Code::kInvalid;
  return FindRaised(message) == 0 ? Code::kInternal : Code::kInvalid;
}

}  // namespace smhost
