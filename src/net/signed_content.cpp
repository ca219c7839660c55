#include "net/signed_content.hpp"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include <limits>
#include <memory>

namespace kiki::net {
namespace {

struct Free {
  void operator()(BIO* one) const { BIO_free(one); }
  void operator()(CMS_ContentInfo* one) const { CMS_ContentInfo_free(one); }
};

}  // namespace

std::optional<std::string> content_of_signed(std::string_view der) {
  if (der.empty() || der.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return std::nullopt;
  const std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(der.data(), static_cast<int>(der.size())));
  const std::unique_ptr<CMS_ContentInfo, Free> cms(in ? d2i_CMS_bio(in.get(), nullptr) : nullptr);
  std::optional<std::string> out;
  if (cms && OBJ_obj2nid(CMS_get0_type(cms.get())) == NID_pkcs7_signed) {
    auto** const content = CMS_get0_content(cms.get());
    if (content != nullptr && *content != nullptr) {
      out.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(*content)),
                  static_cast<std::size_t>(ASN1_STRING_length(*content)));
    }
  }
  ERR_clear_error();
  return out;
}

}  // namespace kiki::net
