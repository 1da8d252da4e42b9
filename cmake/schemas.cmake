add_library(smhost_schemas INTERFACE)
