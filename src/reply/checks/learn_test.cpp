#include "reply/checks/learn.hpp"

#include <gtest/gtest.h>

namespace kiki::reply::checks {
namespace {

TEST(Learn, ACompleteAnswerHasAllFive) {
  const Learn all{true, true, true, true, true};
  EXPECT_EQ(learn_of("お知らせいただきありがとうございます。ご不便をおかけし申し訳ございません。原因は接触不"
                     "良でしたので交換品を手配し、"
                     "明日お届けします。",
                     "ランプが点かない"),
            all);
  EXPECT_EQ(
      learn_of("Thank you for telling us. I understand how annoying this is, and we are sorry. We found the "
               "cause and will replace the lamp; it ships tomorrow.",
               "the lamp is dead"),
      all);
}

TEST(Learn, EachStepByItself) {
  EXPECT_EQ(learn_of("", "ランプ"), Learn());
  EXPECT_EQ(learn_of("はい。", "ランプが点かない"), Learn());
  EXPECT_TRUE(learn_of("ランプの件ですね。", "ランプが点かない").listen) << "takes up their word";
  EXPECT_FALSE(learn_of("扇風機の件ですね。", "ランプが点かない").listen);
  EXPECT_EQ(learn_of("申し訳ございません。", "x"), (Learn{.apologise = true}));
  EXPECT_EQ(learn_of("ＳＯＲＲＹ!", "x"), (Learn{.apologise = true}));
  EXPECT_EQ(learn_of("お困りのことと存じます。", "x"), (Learn{.empathise = true}));
  EXPECT_EQ(learn_of("返金の手続きをしました。", "x"), (Learn{.respond = true}));
  EXPECT_EQ(learn_of("本日中にお返事します。", "x"), (Learn{.now = true}));
}

}  // namespace
}  // namespace kiki::reply::checks
