// A JSON Schema validator for the subset that docs/*.schema.json use: type, const, enum, properties, required,
// additionalProperties, items, pattern, anyOf, $ref (own definitions, and those of a file beside).
#pragma once

#include <string>

namespace skep::test {

// What is wrong with a document, "" if it is valid. `schema`: a file below docs/.
std::string schema_error(const std::string& schema, const std::string& document);

}  // namespace skep::test
