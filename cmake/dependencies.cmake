# Every library that the project stands on, all from the distribution (scripts/packages.txt).
include(cmake/solver_dependencies.cmake)
include(cmake/record_dependencies.cmake)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_library(DNNL_LIBRARY dnnl REQUIRED)

add_library(router_dependencies INTERFACE)
target_link_libraries(router_dependencies INTERFACE record_dependencies ${DNNL_LIBRARY} PkgConfig::YAML ZLIB::ZLIB
                      Threads::Threads)
