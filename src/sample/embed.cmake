# Puts the script of the sample day into the program.
set(kiki_sample_file ${CMAKE_CURRENT_LIST_DIR}/sample_day.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kiki_sample_file})
file(READ ${kiki_sample_file} kiki_sample_day)
set(kiki_sample_day_text [[
// Generated from src/sample/sample_day.json.
#include "sample/sample_day.hpp"

namespace kiki::sample {
std::string_view script_text() {
  return R"script(@kiki_sample_day@)script";
}
}  // namespace kiki::sample
]])
string(REPLACE "@kiki_sample_day@" "${kiki_sample_day}" kiki_sample_day_text "${kiki_sample_day_text}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/sample/script_text.cpp CONTENT "@kiki_sample_day_text@" @ONLY)
target_sources(kiki_sample PRIVATE ${CMAKE_BINARY_DIR}/sample/script_text.cpp)
