# Puts the words for people into the program: mails are written by the server.
set(kiki_words ${CMAKE_SOURCE_DIR}/i18n)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/notify/texts.S TARGET_DIRECTORY kiki_notify PROPERTIES
  COMPILE_DEFINITIONS "KIKI_WORDS_JA=\"${kiki_words}/ja.json\";KIKI_WORDS_EN=\"${kiki_words}/en.json\""
  OBJECT_DEPENDS "${kiki_words}/ja.json;${kiki_words}/en.json")
