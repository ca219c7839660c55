# Puts the built console (console/dist) and the API's description into the program. What is there is looked
# at on every build, so that the console may be built before or after; only what changed is assembled again.
set(kiki_assets_dir ${CMAKE_BINARY_DIR}/assets)
set(kiki_console_dist ${CMAKE_SOURCE_DIR}/console/dist)
add_custom_target(kiki_console_files
  COMMAND ${CMAKE_COMMAND} -DDIST=${kiki_console_dist} -DOUT=${kiki_assets_dir}
          -P ${CMAKE_CURRENT_LIST_DIR}/embed_console.cmake
  BYPRODUCTS ${kiki_assets_dir}/console_files.cpp ${kiki_assets_dir}/console_files.S
  COMMENT "Embedding the console")
target_sources(kiki_assets PRIVATE ${kiki_assets_dir}/console_files.cpp ${kiki_assets_dir}/console_files.S)
add_dependencies(kiki_assets kiki_console_files)

set(kiki_openapi ${CMAKE_SOURCE_DIR}/src/api/openapi.json)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/api/openapi.S TARGET_DIRECTORY kiki_api PROPERTIES
  COMPILE_DEFINITIONS "KIKI_OPENAPI_JSON=\"${kiki_openapi}\"" OBJECT_DEPENDS ${kiki_openapi})
