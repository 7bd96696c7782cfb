# Read by CPack for each kind of package: what goes into it.

if(CPACK_GENERATOR STREQUAL DEB)
  set(own deb)
else()
  set(own rpm)
endif()
list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build)
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${build};${CPACK_PACKAGE_NAME};common;/;${build};${CPACK_PACKAGE_NAME};${own};/")
