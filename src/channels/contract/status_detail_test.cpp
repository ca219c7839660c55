#include "channels/contract/status_detail.hpp"

#include <gtest/gtest.h>

namespace kiki::channels {
namespace {

TEST(StatusDetail, IsAWordAndWhatWasSaid) {
  EXPECT_EQ(status_detail("stream_away", ""), "stream_away");
  EXPECT_EQ(status_detail("stream_away", "it broke: off"), "stream_away: it broke: off");
  EXPECT_EQ(status_detail({ErrorKind::kUnavailable, "cannot reach x", {}, {}, 0}), "away: cannot reach x");
  EXPECT_EQ(status_detail({ErrorKind::kUnauthenticated, "ended", {}, "sign_in_ended", 0}), "sign_in_ended");
  EXPECT_EQ(status_detail({ErrorKind::kUnprocessable, "DNS", {}, "webhook_unreachable", 0}),
            "webhook_unreachable: DNS");
  // A network's own code has no words here: the kind has.
  EXPECT_EQ(status_detail({ErrorKind::kUnauthenticated, "ended", {}, "ExpiredToken", 0}), "refused: ended");
  EXPECT_EQ(status_detail({ErrorKind::kCorrupt, "?", {}, {}, 0}), "trouble: ?");
}

}  // namespace
}  // namespace kiki::channels
