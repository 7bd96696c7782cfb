# Beyond what every build has: a position independent program, whose control flow the processor
# watches where it can, and whose bytes do not depend on where it was built.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

set(hardened matrix_federation net web exporter matrix-federation-exporter)
check_pie_supported(LANGUAGES CXX)
set_target_properties(${hardened} PROPERTIES POSITION_INDEPENDENT_CODE ON)

# ccache may make paths relative.
file(RELATIVE_PATH up ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
string(REGEX REPLACE "/$" "" up "${up}")
set(options
  -ffile-prefix-map=${up}=. -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
  -ffile-prefix-map=${PROJECT_BINARY_DIR}=build
  -D_GLIBCXX_ASSERTIONS)
foreach(flag -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    list(APPEND options ${flag})
  endif()
endforeach()
foreach(target ${hardened})
  target_compile_options(${target} PRIVATE ${options})
endforeach()

# The build ID is that of the sources: by default it is a digest of the debug information too, which
# packages leave out, and which is not the same twice where headers are precompiled.
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(commit)
  target_link_options(matrix-federation-exporter PRIVATE -Wl,--build-id=0x${commit})
endif()
