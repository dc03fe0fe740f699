# SPDX-License-Identifier: BSD-3-Clause
# Installs the headers and a CMake package. Headers depend on no architecture, and neither does the package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/rnnscope)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/rnnscope TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/rnnscope)

# Only rnnscope::core is exported. The package file adds rnnscope::rnnscope where xtensor and nlohmann-json are found.
install(TARGETS rnnscope_core EXPORT rnnscopeTargets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT rnnscopeTargets NAMESPACE rnnscope:: DESTINATION ${package_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/rnnscopeConfig.cmake.in rnnscopeConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rnnscopeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/rnnscopeConfig.cmake ${PROJECT_BINARY_DIR}/rnnscopeConfigVersion.cmake
  DESTINATION ${package_dir})
