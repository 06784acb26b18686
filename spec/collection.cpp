#include "skep/spec/collection.hpp"
