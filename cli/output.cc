#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "jsonpath.h"
#include "text.h"

namespace smhost::cli {
namespace {

constexpr const char* kClearLine = "\r\033[K";

bool ColourWanted(int fd, bool no_color) {
  const char* no = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color || (no != nullptr && *no != '\0')) return false;
  return ::isatty(fd) == 1 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

const char* Sequence(Colour colour) {
  switch (colour) {
    case Colour::kPlain:
      return "";
    case Colour::kGood:
      return "\033[32m";
    case Colour::kBusy:
      return "\033[33m";
    case Colour::kBad:
      return "\033[31m";
    case Colour::kFaint:
      return "\033[2m";
    case Colour::kStrong:
      return "\033[1m";
  }
  return "";
}

// Cut to the terminal's width: a line that wraps could not be overwritten.
std::string CutToTerminal(const std::string& text) {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 10) return text;
  std::string out;
  std::size_t columns = 0;
  for (char c : text) {
    if ((c & 0xC0) != 0x80 && ++columns >= size.ws_col) break;
    out += c;
  }
  return out;
}

Json ErrorJson(const Error& error) {
  return {{"code", CodeName(error.code)}, {"message", error.message}, {"resource", error.resource}};
}

}  // namespace

tl::expected<OutputOptions, Failure> ParseFormat(const std::string& text) {
  OutputOptions options;
  if (text.empty() || text == "table") return options;
  if (text == "json") {
    options.format = Format::kJson;
  } else if (text == "name") {
    options.format = Format::kName;
  } else if (text.rfind("jsonpath=", 0) == 0 && text.size() > 9) {
    options.format = Format::kJsonPath;
    options.jsonpath = text.substr(9);
  } else {
    return FailUsage("-o " + text + ": there is no such format; use table, json, name or jsonpath=TEMPLATE" +
                     Suggestion(text, {"table", "json", "name"}));
  }
  return options;
}

Colour ColourOf(const std::string& status) {
  static const char* const kGood[] = {"InService", "Ready", "ready", "running", "ok", "OK"};
  static const char* const kBad[] = {"Failed", "OutOfService", "UpdateRollbackFailed", "failed", "Dead", "Lost", "ALARM"};
  for (const char* word : kGood)
    if (status == word) return Colour::kGood;
  for (const char* word : kBad)
    if (status == word) return Colour::kBad;
  return status == "-" || status.empty() ? Colour::kPlain : Colour::kBusy;
}

Output::Output(OutputOptions options) : options_(std::move(options)) {
  colour_out_ = ColourWanted(STDOUT_FILENO, options_.no_color);
  colour_err_ = ColourWanted(STDERR_FILENO, options_.no_color);
  const char* terminal = std::getenv("TERM");
  live_ = ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

Output::~Output() { EndProgress(); }

Status Output::Show(const Json& value, const std::vector<std::string>& names,
                    const std::function<std::string()>& people) {
  switch (options_.format) {
    case Format::kTable:
      Print(people());
      break;
    case Format::kJson:
      Print(PrettyJson(value));
      break;
    case Format::kName:
      for (const auto& name : names) Print(name + "\n");
      break;
    case Format::kJsonPath: {
      SMHOST_TRY(std::string text, EvaluateJsonPath(options_.jsonpath, value));
      if (!text.empty() && text.back() != '\n') text += '\n';
      Print(text);
      break;
    }
  }
  return {};
}

void Output::Print(const std::string& text) {
  if (!progress_.empty()) EndProgress();
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Output::Flush() { std::fflush(stdout); }

void Output::Note(const std::string& text) {
  if (options_.quiet) return;
  if (live_ && !progress_.empty()) std::fputs(kClearLine, stderr);
  std::fprintf(stderr, "%s\n", text.c_str());
  if (live_ && !progress_.empty()) std::fputs(CutToTerminal(progress_).c_str(), stderr);
}

void Output::Warn(const std::string& text) {
  EndProgress();
  std::fprintf(stderr, "smhost: %s\n", Harmless(text).c_str());
}

void Output::Progress(const std::string& text) {
  if (options_.quiet || text == progress_) return;
  progress_ = text;
  if (live_) {
    std::fprintf(stderr, "%s%s", kClearLine, CutToTerminal(text).c_str());
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

void Output::EndProgress() {
  if (live_ && !progress_.empty()) std::fputs(kClearLine, stderr);
  progress_.clear();
}

void Output::Complain(const Failure& failure) {
  EndProgress();
  Flush();
  if (options_.format == Format::kJson) {
    Json out = {{"error", ErrorJson(failure.error)}};
    for (const auto& fault : failure.faults) out["faults"].push_back(ErrorJson(fault));
    std::fprintf(stderr, "%s\n", CompactJson(out).c_str());
    return;
  }
  std::string mark = colour_err_ ? "\033[31msmhost:\033[0m " : "smhost: ";
  for (const auto& fault : failure.faults)
    std::fprintf(stderr, "%s%s\n", mark.c_str(), Harmless(fault.message).c_str());
  std::fprintf(stderr, "%s%s\n", mark.c_str(), Harmless(failure.error.message).c_str());
}

std::string Output::Paint(const std::string& text, Colour colour) const {
  if (!colour_out_ || colour == Colour::kPlain || text.empty()) return text;
  return Sequence(colour) + text + "\033[0m";
}

}  // namespace smhost::cli
