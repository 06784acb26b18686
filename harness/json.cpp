#include "skep/base/error.hpp"
