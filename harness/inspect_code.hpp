// The instructions that an object's programs come to on a target (docs/inspect.schema.json).
#pragma once

#include "skep/harness/json.hpp"
#include "skep/spec/collection.hpp"
#include "skep/spec/target.hpp"

namespace skep::harness {

// Adds to each program of an inspect document `code`, its slots in hex after linking and relocation, as they lie in
// memory, a number of a map being zero; and `unresolved`, what has no value on the target. A program that cannot be linked
// or relocated has null for both, and its problem says why. Errors: not_supported (more code than can be shown: a small
// object can declare any amount of it); invalid (a value for .kconfig that its type cannot be).
Result<> add_code(Json& document, CollectionSpec spec, const Target& target);

}  // namespace skep::harness
