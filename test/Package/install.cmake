# Installs what is built into a fresh folder.
file(REMOVE_RECURSE ${prefix})
foreach(component development c)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} --prefix ${prefix} --component ${component}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
