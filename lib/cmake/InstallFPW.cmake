# What `cmake --install` puts where. Components: `tools` (the programs), `c` (the C library and its headers),
# `development` (headers, archives and the package that find_package(FPW) finds).
include(CMakePackageConfigHelpers)

install(TARGETS fpw fpw-opt fpw-translate fpw-lsp-server RUNTIME COMPONENT tools)
install(TARGETS FPWPlugin LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/fpw COMPONENT tools)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/fpw TYPE INCLUDE COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.def")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/fpw TYPE INCLUDE COMPONENT development
  FILES_MATCHING PATTERN "*.inc" PATTERN "CMakeFiles" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/fpw-c TYPE INCLUDE COMPONENT c
  FILES_MATCHING PATTERN "*.h")

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/FPW)
install(EXPORT FPWTargets NAMESPACE FPW:: DESTINATION ${package} COMPONENT development)
install(EXPORT FPWCTargets NAMESPACE FPW:: DESTINATION ${package} COMPONENT c)
configure_package_config_file(${PROJECT_SOURCE_DIR}/lib/cmake/FPWConfig.cmake.in
  ${PROJECT_BINARY_DIR}/FPWConfig.cmake INSTALL_DESTINATION ${package})
# C++ interfaces may change with each minor version (docs/Charter.md).
write_basic_package_version_file(${PROJECT_BINARY_DIR}/FPWConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
foreach(component c development)
  install(FILES ${PROJECT_BINARY_DIR}/FPWConfig.cmake ${PROJECT_BINARY_DIR}/FPWConfigVersion.cmake
    DESTINATION ${package} COMPONENT ${component})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/lib/cmake/StaticMLIR.cmake
  DESTINATION ${package} COMPONENT development)
