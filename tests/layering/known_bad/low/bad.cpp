// Known bad: the layering test must refuse this include.
#include "skep/high/high.hpp"
