# Puts the words of triage into the program.
set(kiki_words_ja ${CMAKE_SOURCE_DIR}/src/triage/words_ja.txt)
set(kiki_words_en ${CMAKE_SOURCE_DIR}/src/triage/words_en.txt)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/triage/words.S TARGET_DIRECTORY kiki_triage PROPERTIES
  COMPILE_DEFINITIONS "KIKI_TRIAGE_WORDS_JA=\"${kiki_words_ja}\";KIKI_TRIAGE_WORDS_EN=\"${kiki_words_en}\""
  OBJECT_DEPENDS "${kiki_words_ja};${kiki_words_en}")
