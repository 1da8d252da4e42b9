#include "api/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/check.h"
#include "base/limits_api.h"

namespace smhost {

struct TextPattern::Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;
  ~Compiled() {
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
};

TextPattern::~TextPattern() = default;

Result<std::shared_ptr<const TextPattern>> TextPattern::Compile(const std::string& expression) {
  auto compiled = std::make_unique<Compiled>();
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  SMHOST_CHECK(context != nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);  // which "." does not take, as in Java
  int error = 0;
  PCRE2_SIZE offset = 0;
  // ALT_BSUX: \u0020 is a character, as in Java.
  constexpr std::uint32_t kOptions =
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
  compiled->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), kOptions, &error, &offset, context);
  pcre2_compile_context_free(context);
  if (compiled->code == nullptr) {
    PCRE2_UCHAR words[160] = {};
    pcre2_get_error_message(error, words, sizeof words);
    return Fail(Code::kInvalid, "the pattern " + expression + ": " + reinterpret_cast<const char*>(words) + ", at byte " +
                                    std::to_string(offset));
  }
  compiled->limits = pcre2_match_context_create(nullptr);
  SMHOST_CHECK(compiled->limits != nullptr);
  pcre2_set_match_limit(compiled->limits, limits::kApiPatternSteps);
  pcre2_set_heap_limit(compiled->limits, limits::kApiPatternKilobytes);
  std::shared_ptr<TextPattern> pattern(new TextPattern);
  pattern->compiled_ = std::move(compiled);
  pattern->text_ = expression;
  return std::shared_ptr<const TextPattern>(std::move(pattern));
}

bool TextPattern::Matches(std::string_view text) const {
  pcre2_match_data* found = pcre2_match_data_create(1, nullptr);
  SMHOST_CHECK(found != nullptr);
  const char* begin = text.empty() ? "" : text.data();
  int count = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(begin), text.size(), 0, 0, found, compiled_->limits);
  pcre2_match_data_free(found);
  return count >= 0;  // 0: more groups than there is room for, which is a match too
}

}  // namespace smhost
