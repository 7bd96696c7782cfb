# Beyond what every build has: a position independent program, whose control flow the processor
# watches where it can, and whose bytes do not depend on where it was built.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

check_pie_supported(LANGUAGES CXX)
set_target_properties(matrix_federation net web exporter matrix-federation-exporter
  PROPERTIES POSITION_INDEPENDENT_CODE ON)

foreach(flag -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(project_options INTERFACE ${flag})
  endif()
endforeach()
target_compile_options(project_options INTERFACE
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build
  -D_GLIBCXX_ASSERTIONS)
