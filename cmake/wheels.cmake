# Included by scripts/build when ROS 2 comes from wheels: their exported targets name the Python headers of
# the machine that built them, and CMake refuses a target whose include folder does not exist.
function(forget_foreign_python_headers)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "__rosidl_generator_py$")
  foreach(target IN LISTS targets)
    set_property(TARGET ${target} PROPERTY INTERFACE_INCLUDE_DIRECTORIES "")
  endforeach()
endfunction()

# The targets are known only when CMakeLists.txt has found its packages.
cmake_language(DEFER CALL forget_foreign_python_headers)
