# Puts every migration of this folder into the program: one generated source with a raw string literal each.
# NNNN_name.sql runs on both stores, NNNN_name.sqlite.sql and NNNN_name.postgres.sql on one of them.
file(GLOB kiki_migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.sql)
list(SORT kiki_migrations)
set(kiki_migrations_text "// Generated from src/store/migrations.\n#include \"store/migrations.hpp\"\n\n")
string(APPEND kiki_migrations_text "namespace kiki::store {\n"
  "const std::vector<MigrationFile>& migration_files() {\n"
  "  static const std::vector<MigrationFile> files = {\n")
foreach(file ${kiki_migrations})
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND kiki_migrations_text "    {\"${name}\", R\"migration(${text})migration\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endforeach()
string(APPEND kiki_migrations_text "  };\n  return files;\n}\n}  // namespace kiki::store\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/store/migration_files.cpp CONTENT "@kiki_migrations_text@" @ONLY)
target_sources(kiki_store PRIVATE ${CMAKE_BINARY_DIR}/store/migration_files.cpp)
