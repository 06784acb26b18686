# One static library per folder. USES names the folders below that it may include; the same list is
# written to build/floors.txt, which the `layering` test reads.
set(SKEP_FLOORS_FILE ${CMAKE_BINARY_DIR}/floors.txt)
file(WRITE ${SKEP_FLOORS_FILE} "")

function(skep_floor name)
  cmake_parse_arguments(F "" "" "USES;LIBS;PRIVATE_LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/*.cpp)
  add_library(skep_${name} STATIC ${sources})
  target_link_libraries(skep_${name} PUBLIC ${F_LIBS} PRIVATE ${F_PRIVATE_LIBS})
  foreach(floor ${F_USES})
    target_link_libraries(skep_${name} PUBLIC skep_${floor})
  endforeach()
  string(JOIN " " uses ${F_USES})
  file(APPEND ${SKEP_FLOORS_FILE} "${name}: ${uses}\n")
endfunction()

function(skep_program name)
  cmake_parse_arguments(F "" "FLOOR" "USES;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${F_FLOOR}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${F_LIBS})
  foreach(floor ${F_USES})
    target_link_libraries(${name} PRIVATE skep_${floor})
  endforeach()
  string(JOIN " " uses ${F_USES})
  file(APPEND ${SKEP_FLOORS_FILE} "${F_FLOOR}: ${uses}\n")
endfunction()

# Every *.bpf.c below tests/ and examples/ is compiled by clang-19 into build/bpf/<same path>.o, as a
# user would compile it; *.bpfeb.c for the big-endian target.
function(skep_bpf_objects)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*.bpf.c
       ${CMAKE_SOURCE_DIR}/tests/*.bpfeb.c ${CMAKE_SOURCE_DIR}/examples/*.bpf.c
       ${CMAKE_SOURCE_DIR}/bench/*.bpf.c)
  set(objects "")
  foreach(source ${sources})
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${source})
    string(REGEX REPLACE "\\.c$" ".o" path ${path})
    set(object ${CMAKE_BINARY_DIR}/bpf/${path})
    get_filename_component(dir ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${dir})
    set(target bpf)
    if(path MATCHES "\\.bpfeb\\.o$")
      set(target bpfeb)
    endif()
    # A fixture may ask for flags of its own in a line `// flags: -mcpu=v4`.
    file(STRINGS ${source} flags_line REGEX "^// flags: " LIMIT_COUNT 1)
    string(REPLACE "// flags: " "" flags "${flags_line}")
    separate_arguments(flags)
    # Compiled from the root by a relative path: the same source gives the same object everywhere, and clang finds
    # the lines that it quotes in .BTF.ext.
    file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${source})
    add_custom_command(OUTPUT ${object}
      COMMAND ${SKEP_BPF_CLANG} -O2 -g -target ${target} ${flags} -fdebug-compilation-dir=.
              -MD -MF ${object}.d -c ${relative} -o ${object}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      DEPENDS ${source} DEPFILE ${object}.d VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_target(bpf_objects ALL DEPENDS ${objects})
endfunction()

# tests/<folder>/*_test.cpp become one binary per folder, linked with everything that exists.
function(skep_tests)
  include(GoogleTest)
  file(GLOB folders RELATIVE ${CMAKE_SOURCE_DIR}/tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*)
  file(GLOB support CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.cpp)
  add_library(skep_test_support STATIC ${support})
  target_link_libraries(skep_test_support PUBLIC skep_harness GTest::gtest)
  target_compile_definitions(skep_test_support PUBLIC
    SKEP_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SKEP_BUILD_DIR="${CMAKE_BINARY_DIR}"
    SKEP_LLVM_OBJDUMP="${SKEP_LLVM_OBJDUMP}" SKEP_BPF_CLANG="${SKEP_BPF_CLANG}")
  foreach(folder ${folders})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    if(sources)
      add_executable(test_${folder} ${sources})
      target_link_libraries(test_${folder} PRIVATE skep_test_support nlohmann_json::nlohmann_json)
      add_dependencies(test_${folder} bpf_objects)
      gtest_discover_tests(test_${folder} TEST_PREFIX ${folder}. DISCOVERY_MODE PRE_TEST
                           DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
    endif()
  endforeach()
  # What runs programs runs them on every engine.
  foreach(folder vm spec examples)
    foreach(engine jit jit-plain)
      gtest_discover_tests(test_${folder} TEST_PREFIX ${folder}.${engine}. DISCOVERY_MODE PRE_TEST
                           DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 ENVIRONMENT SKEP_ENGINE=${engine})
    endforeach()
  endforeach()
  # These start the programs themselves.
  foreach(folder cli examples)
    if(TARGET test_${folder})
      add_dependencies(test_${folder} skep make_packets)
    endif()
  endforeach()
  add_test(NAME layering COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DFLOORS=${SKEP_FLOORS_FILE}
           -P ${CMAKE_SOURCE_DIR}/tests/layering/check.cmake)
  add_test(NAME layering_known_bad COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/tests/layering/known_bad
           -DFLOORS=${CMAKE_SOURCE_DIR}/tests/layering/known_bad/floors.txt
           -P ${CMAKE_SOURCE_DIR}/tests/layering/check.cmake)
  set_tests_properties(layering_known_bad PROPERTIES PASS_REGULAR_EXPRESSION
    "low/bad.cpp:[0-9]+: low may not include skep/high/")
endfunction()

function(skep_benches)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*_bench.cpp)
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE skep_harness benchmark::benchmark_main)
    target_compile_definitions(${name} PRIVATE SKEP_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SKEP_BUILD_DIR="${CMAKE_BINARY_DIR}")
    add_dependencies(${name} bpf_objects)
  endforeach()
endfunction()

# fuzz/x_fuzz.cpp defines LLVMFuzzerTestOneInput. With SKEP_FUZZ it is a libFuzzer program; always it
# is linked with a plain main that replays fuzz/corpus/x/ in ctest.
function(skep_fuzzers)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cpp)
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    string(REPLACE "_fuzz" "" short ${name})
    if(SKEP_FUZZ)
      add_executable(${name} ${source})
      target_link_libraries(${name} PRIVATE skep_harness)
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    elseif(SKEP_TESTS)
      add_executable(${name}_replay ${source} ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cpp)
      target_link_libraries(${name}_replay PRIVATE skep_harness)
      add_test(NAME fuzz_replay.${short} COMMAND ${name}_replay ${CMAKE_SOURCE_DIR}/fuzz/corpus/${short})
    endif()
  endforeach()
endfunction()
