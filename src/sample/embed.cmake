# Puts the script of the sample day into the program.
file(READ ${CMAKE_CURRENT_LIST_DIR}/sample_day.json kiki_sample_day)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sample_day.json)
set(kiki_sample_day_text "// Generated from src/sample/sample_day.json.\n#include \"sample/sample_day.hpp\"\n\nnamespace kiki::sample {\nstd::string_view script_text() {\n  static constexpr std::string_view kText =\n      R\"script(${kiki_sample_day})script\";\n  return kText;\n}\n}  // namespace kiki::sample\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/sample/script_text.cpp CONTENT "@kiki_sample_day_text@" @ONLY)
target_sources(kiki_sample PRIVATE ${CMAKE_BINARY_DIR}/sample/script_text.cpp)
