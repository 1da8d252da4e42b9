# smhost_schemas: schemas/*.json and schemas/api/*.json as constants, written anew whenever one of them changes.

file(GLOB SMHOST_SCHEMA_FILES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/../schemas/*.json ${CMAKE_CURRENT_LIST_DIR}/../schemas/api/*.json)
set(SMHOST_SCHEMA_FOLDER ${CMAKE_BINARY_DIR}/schemas)

add_custom_command(
  OUTPUT ${SMHOST_SCHEMA_FOLDER}/embedded_schemas.cc ${SMHOST_SCHEMA_FOLDER}/embedded_schemas.h
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${SMHOST_SCHEMA_FOLDER} "-DFILES=${SMHOST_SCHEMA_FILES}"
          -P ${CMAKE_CURRENT_LIST_DIR}/embed_schemas.cmake
  DEPENDS ${SMHOST_SCHEMA_FILES} ${CMAKE_CURRENT_LIST_DIR}/embed_schemas.cmake
  COMMENT "Embedding schemas"
  VERBATIM)

add_library(smhost_schemas STATIC ${SMHOST_SCHEMA_FOLDER}/embedded_schemas.cc ${SMHOST_SCHEMA_FOLDER}/embedded_schemas.h)
target_include_directories(smhost_schemas PUBLIC ${SMHOST_SCHEMA_FOLDER})
