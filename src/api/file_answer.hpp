#pragma once
// Bytes that somebody else made, as an answer: never a page of ours, whatever they are.

#include <string>
#include <string_view>

#include "net/http.hpp"

namespace kiki::api {

struct FileToServe {
  std::string body;
  std::string content_type;
  std::string name;  // "" = none
};

// Shown in place only when it is a picture that cannot carry a program; everything else is for saving. A
// single range of bytes is answered as asked (films are read in pieces).
net::HttpResponse file_answer(const net::HttpRequest& request, FileToServe file);

// RFC 6266: a name in ASCII for old readers, and the whole one.
std::string content_disposition(std::string_view kind, std::string_view name);

}  // namespace kiki::api
