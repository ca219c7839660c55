// Any bytes get a verdict whose reasons lie in the text.

#include <cstdlib>

#include "triage/triage.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto verdict = kiki::triage::rules().judge({.text = text});
  if (verdict.reasons.size() > kiki::triage::kReasonsLimit) std::abort();
  for (const auto& reason : verdict.reasons) {
    if (reason.range.begin > reason.range.end || reason.range.end > size) std::abort();
  }
  return 0;
}
