# Writes a C++ file that holds the files of a folder: cmake -DFROM=… -DTO=… -P embed.cmake
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(rows "")
file(GLOB files "${FROM}/*")
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "${file}: of no type that embed.cmake knows")
  endif()
  file(READ ${file} hex HEX)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 12 hash)
  string(LENGTH ${hex} size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  string(APPEND rows "    {\"${name}.${extension}\", \"/-/assets/${name}-${hash}.${extension}\",\n"
    "     \"${type_${extension}}\", {\"${bytes}\", ${size}}},\n")
endforeach()
file(WRITE "${TO}"
  "#include <array>\n\n#include \"exporter/page/assets.h\"\n\nnamespace exporter::page {\n\n"
  "static constexpr auto kAssets = std::to_array<Asset>({\n${rows}});\n\n"
  "std::span<const Asset> AllAssets() { return kAssets; }\n\n}  // namespace exporter::page\n")
