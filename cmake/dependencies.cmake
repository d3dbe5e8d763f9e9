# Every library that the project stands on, all from the distribution (scripts/packages.txt).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_library(DNNL_LIBRARY dnnl REQUIRED)
include(cmake/solver_dependencies.cmake)

add_library(router_dependencies INTERFACE)
target_link_libraries(router_dependencies INTERFACE muon_dependencies
  ${DNNL_LIBRARY} PkgConfig::JANSSON PkgConfig::SQLITE PkgConfig::NETTLE PkgConfig::YAML ZLIB::ZLIB Threads::Threads)
