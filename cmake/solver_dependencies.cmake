# What the solvers stand on: BLAS, LAPACK and OpenMP. The Python package includes this, too.
find_package(OpenMP REQUIRED COMPONENTS C)

# OpenBLAS in its OpenMP build, so that it shares one thread pool with oneDNN. It is named by its folder, and
# the folder goes into the rpath: the alternatives system may point libopenblas.so at another build.
set(OPENMP_BLAS_DIR /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp)
find_library(OPENBLAS_LIBRARY openblas PATHS ${OPENMP_BLAS_DIR} NO_DEFAULT_PATH)
if(NOT OPENBLAS_LIBRARY)
  find_library(OPENBLAS_LIBRARY openblas REQUIRED)
  message(WARNING "OpenBLAS's OpenMP build is not in ${OPENMP_BLAS_DIR}; using ${OPENBLAS_LIBRARY}")
endif()
find_path(CBLAS_INCLUDE_DIR cblas.h
          HINTS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp REQUIRED)
find_library(LAPACKE_LIBRARY lapacke REQUIRED)
get_filename_component(OPENBLAS_DIR ${OPENBLAS_LIBRARY} DIRECTORY)

add_library(muon_dependencies INTERFACE)
target_include_directories(muon_dependencies SYSTEM INTERFACE ${CBLAS_INCLUDE_DIR})
target_link_libraries(muon_dependencies INTERFACE ${LAPACKE_LIBRARY} ${OPENBLAS_LIBRARY} OpenMP::OpenMP_C m)
# DT_RPATH, not RUNPATH: it must also hold for the libblas.so.3 that liblapacke.so itself asks for.
target_link_options(muon_dependencies INTERFACE -Wl,--disable-new-dtags -Wl,-rpath,${OPENBLAS_DIR})
