include(CMakePackageConfigHelpers)
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/trmrouter)

install(TARGETS trmmuon trmrouter EXPORT trmrouter LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET trm-router)
  install(TARGETS trm-router RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# Public headers, in the folders of their rooms; trm.h includes all but muon.h.
install(FILES src/muon/muon.h src/trm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter)
foreach(header base/status muon/version dynamics/features dynamics/arm dynamics/dynamics dynamics/outcome
        oracle/dataset router/router router/training evaluation/evaluation)
  cmake_path(GET header PARENT_PATH room)
  install(FILES src/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter/${room})
endforeach()

# For CMake: find_package(trmrouter), then link trmrouter::muon or trmrouter::trm.
install(EXPORT trmrouter NAMESPACE trmrouter:: FILE trmrouterConfig.cmake DESTINATION ${PACKAGE_DIR})
write_basic_package_version_file(trmrouterConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trmrouterConfigVersion.cmake DESTINATION ${PACKAGE_DIR})

# For pkg-config. Relative, so that the installed tree can be moved, and installed under another prefix than
# configured.
file(RELATIVE_PATH PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
function(pkg_config_file library description requires)
  set(PC_DESCRIPTION ${description})
  set(PC_REQUIRES ${requires})
  configure_file(cmake/library.pc.in ${library}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${library}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
pkg_config_file(trmmuon "Manifold Muon: its inner solvers and its optimiser" "")
pkg_config_file(trmrouter "${PROJECT_DESCRIPTION}" trmmuon)
