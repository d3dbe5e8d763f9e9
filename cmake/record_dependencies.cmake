# What recording and routing stand on beside the solvers. The Python package includes this, too.
find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37) # STRICT tables
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
add_library(record_dependencies INTERFACE)
target_link_libraries(record_dependencies INTERFACE muon_dependencies PkgConfig::JANSSON PkgConfig::SQLITE
                      PkgConfig::NETTLE)
