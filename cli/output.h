// All that the program prints. Data goes to stdout; progress, notes and errors go to stderr. Colour and progress that
// overwrites itself appear only on a terminal. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "exit.h"
#include "table.h"

namespace smhost::cli {

enum class Format { kTable, kJson, kName, kJsonPath };

struct OutputOptions {
  Format format = Format::kTable;
  std::string jsonpath;
  bool quiet = false;
  bool no_color = false;
};

// "json", "jsonpath={.a}" …; usage error with the formats there are for any other text.
tl::expected<OutputOptions, Failure> ParseFormat(const std::string& text);

enum class Colour { kPlain, kGood, kBusy, kBad, kFaint, kStrong };

// The colour of an AWS status word.
Colour ColourOf(const std::string& status);

class Output {
 public:
  explicit Output(OutputOptions options);
  ~Output();

  Format format() const { return options_.format; }
  bool quiet() const { return options_.quiet; }

  // One result in the format asked for: `names` are the lines of "-o name", `people` makes the text for people.
  Status Show(const Json& value, const std::vector<std::string>& names, const std::function<std::string()>& people);
  // Bytes as they are.
  void Print(const std::string& text);
  void Flush();

  // A line on stderr, not with --quiet.
  void Note(const std::string& text);
  // A line on stderr that --quiet does not silence: something is wrong, and the verb goes on.
  void Warn(const std::string& text);
  // The state of something that goes on: one line that replaces itself on a terminal, a line for each new text
  // otherwise.
  void Progress(const std::string& text);
  void EndProgress();
  void Complain(const Failure& failure);

  std::string Paint(const std::string& text, Colour colour) const;  // for stdout
  std::string PaintStatus(const std::string& status) const { return Paint(status, ColourOf(status)); }

 private:
  OutputOptions options_;
  bool colour_out_ = false, colour_err_ = false, live_ = false;
  std::string progress_;
};

}  // namespace smhost::cli
