#pragma once
// The OpenAPI 3.1 document, embedded from src/api/openapi.json. It is written by hand; tests hold it against
// the table of routes and against real answers.

#include <string_view>

namespace kiki::api {

std::string_view openapi_document();

}  // namespace kiki::api
