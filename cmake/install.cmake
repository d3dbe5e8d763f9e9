include(CMakePackageConfigHelpers)
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/trmrouter)

install(TARGETS trmmuon trmrouter EXPORT trmrouter LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET trm-router)
  install(TARGETS trm-router RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # `run` finds them beside the program: ../share/trm-router/configs.
  install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/trm-router FILES_MATCHING PATTERN "*.yaml")
  # What the program says of itself.
  set(DOCUMENTS ${CMAKE_BINARY_DIR}/documents)
  add_custom_command(OUTPUT ${DOCUMENTS}/completion.fish DEPENDS trm-router cmake/documents.cmake VERBATIM
                     COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:trm-router> -D OUTPUT=${DOCUMENTS}
                             -P ${PROJECT_SOURCE_DIR}/cmake/documents.cmake)
  add_custom_target(documents ALL DEPENDS ${DOCUMENTS}/completion.fish)
  install(DIRECTORY ${DOCUMENTS}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${DOCUMENTS}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME trm-router)
  install(FILES ${DOCUMENTS}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
          RENAME _trm-router)
  install(FILES ${DOCUMENTS}/completion.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
          RENAME trm-router.fish)
endif()
# Public headers, in the folders of their rooms; trm.h includes all but muon.h and muon/stack.h.
install(FILES src/muon/muon.h src/trm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter)
foreach(header base/status muon/version muon/stack dynamics/features dynamics/arm dynamics/dynamics dynamics/outcome
        oracle/dataset oracle/ceiling router/router router/training evaluation/evaluation evaluation/learner
        evaluation/paired)
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
