# cmake -D PROGRAM=trm-router -D OUTPUT=DIR -P documents.cmake: the manual pages and the completion of shells, from the
# program's own tables.
file(MAKE_DIRECTORY ${OUTPUT}/man)
execute_process(COMMAND ${PROGRAM} --help=name OUTPUT_VARIABLE names COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} man OUTPUT_FILE ${OUTPUT}/man/trm-router.1 COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" names "${names}")
foreach(name IN LISTS names)
  string(REPLACE " " "-" page "${name}")
  separate_arguments(words UNIX_COMMAND "${name}")
  execute_process(COMMAND ${PROGRAM} man ${words} OUTPUT_FILE ${OUTPUT}/man/trm-router-${page}.1
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
foreach(shell bash zsh fish)
  execute_process(COMMAND ${PROGRAM} completion ${shell} OUTPUT_FILE ${OUTPUT}/completion.${shell}
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
