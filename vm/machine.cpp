#include "skep/vm/machine.hpp"
