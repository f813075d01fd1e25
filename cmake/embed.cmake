# SPDX-License-Identifier: ISC
# cmake -D OUT=FILE.c -D NAME=SYMBOL -D INPUTS="A;B" -P embed.cmake
# Text files as C: "const char *const SYMBOL[]", one entry a file, in the order
# given, and NULL at the end.
set(code "/* Made from text files by cmake/embed.cmake. */\n")
string(APPEND code "#include <stddef.h>\n\n")
string(APPEND code "extern const char *const ${NAME}[];\n")
string(APPEND code "const char *const ${NAME}[] = {\n")
foreach(input IN LISTS INPUTS)
	file(READ "${input}" text)
	string(REPLACE "\\" "\\\\" text "${text}")
	string(REPLACE "\"" "\\\"" text "${text}")
	string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
	string(APPEND code "\t\"${text}\",\n")
endforeach()
string(APPEND code "\tNULL,\n};\n")
file(WRITE "${OUT}" "${code}")
