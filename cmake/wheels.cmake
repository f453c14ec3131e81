# Included by scripts/build when ROS 2 comes from wheels. The generated Python libraries export the folders of
# the Python and NumPy headers, and CMake refuses both kinds: those of the machine that built the wheels do not
# exist here, and those of .venv are in the source tree. Nothing needs them exported.
function(export_no_python_headers)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "__rosidl_generator_py$")
  foreach(target IN LISTS targets ITEMS ${PROJECT_NAME}__rosidl_generator_py)
    set_property(TARGET ${target} PROPERTY INTERFACE_INCLUDE_DIRECTORIES "")
  endforeach()
endfunction()

# The targets are known only when CMakeLists.txt is through.
cmake_language(DEFER CALL export_no_python_headers)
