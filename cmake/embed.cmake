# cmake -D OUTPUT=assets.c "-DINPUTS=a;b;c" -P embed.cmake: the files' bytes as C arrays, found by name with asset().
set(arrays "")
set(rows "")
set(i 0)
foreach(input IN LISTS INPUTS)
  get_filename_component(name "${input}" NAME)
  file(READ "${input}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "static const char asset_${i}[] = {${bytes}0};\n")
  string(APPEND rows "    if (strcmp(name, \"${name}\") == 0)\n        return asset_${i};\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"report/assets.h\"\n\n#include <string.h>\n\n${arrays}
const char *asset(const char *name) {\n${rows}    return NULL;\n}\n")
