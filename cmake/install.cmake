install(TARGETS trmrouter LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET trm-router)
  install(TARGETS trm-router RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES src/muon/muon.h src/trm/trm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter)
install(FILES src/trm/features.h src/trm/dynamics.h src/trm/dataset.h src/trm/router.h src/trm/training.h
        src/trm/evaluation.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter/trm)
install(FILES src/base/status.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trmrouter/base)
# Relative, so that the installed tree can be moved, and installed under another prefix than configured.
file(RELATIVE_PATH PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/trmrouter.pc.in trmrouter.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trmrouter.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
