install(TARGETS trmrouter LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET trm-router)
  install(TARGETS trm-router RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# Public headers, in the folders of their rooms; trm.h includes all but muon.h.
install(FILES src/muon/muon.h src/trm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter)
foreach(header base/status dynamics/features dynamics/dynamics oracle/dataset router/router router/training
        evaluation/evaluation)
  cmake_path(GET header PARENT_PATH room)
  install(FILES src/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter/${room})
endforeach()
# Relative, so that the installed tree can be moved, and installed under another prefix than configured.
file(RELATIVE_PATH PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/trmrouter.pc.in trmrouter.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trmrouter.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
