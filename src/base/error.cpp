// What each kind of error means to the two readers of it: an HTTP client (status) and a retry loop.

#include "base/error.hpp"

namespace kiki {

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return 400;
    case ErrorKind::kUnauthenticated:
      return 401;
    case ErrorKind::kForbidden:
      return 403;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kGone:
      return 410;
    case ErrorKind::kTooLarge:
      return 413;
    case ErrorKind::kUnprocessable:
      return 422;
    case ErrorKind::kRateLimited:
      return 429;
    case ErrorKind::kUnavailable:
      return 503;
    case ErrorKind::kUnclear:
      return 504;
    case ErrorKind::kCancelled:
      return 503;
    case ErrorKind::kCorrupt:
      return 500;
    case ErrorKind::kInternal:
      return 500;
  }
  return 500;
}

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kUnauthenticated:
      return "unauthenticated";
    case ErrorKind::kForbidden:
      return "forbidden";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kGone:
      return "gone";
    case ErrorKind::kTooLarge:
      return "too_large";
    case ErrorKind::kUnprocessable:
      return "unprocessable";
    case ErrorKind::kRateLimited:
      return "rate_limited";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kUnclear:
      return "unclear";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

bool is_retryable(ErrorKind kind) {
  // kUnclear is not here on purpose: it may have happened, so the caller must look before trying again.
  return kind == ErrorKind::kRateLimited || kind == ErrorKind::kUnavailable || kind == ErrorKind::kCancelled;
}

}  // namespace kiki
