# Puts the English texts into the program: what is wrong with a query is said on the command line, too.
set(kiki_english ${CMAKE_SOURCE_DIR}/i18n/en.json)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/listening/query/words.S TARGET_DIRECTORY kiki_listening PROPERTIES
  COMPILE_DEFINITIONS "KIKI_ENGLISH=\"${kiki_english}\"" OBJECT_DEPENDS "${kiki_english}")
