#include "skep/elf/load.hpp"
