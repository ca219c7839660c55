// How often the right saved reply is among those offered, for posts that were written without looking at the
// replies' words. Prints the figures that docs/use/saved-replies.md names.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "reply/saved/similarity.hpp"

namespace kiki::reply::saved {
namespace {

struct Case {
  std::string_view name;
  std::string_view text;
  std::vector<std::string_view> posts;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"配送の遅れ",
       "荷物のお届けが遅れておりご不便をおかけしております。配送状況を確認いたします。",
       {"荷物がまだ届かない", "注文して一週間たつのに配送されない", "配送が遅すぎる",
        "いつになったら届くの？", "発送状況が知りたい"}},
      {"返品と返金",
       "返品をご希望とのこと、承知しました。返品用のフォームからお手続きください。返金は到着後になります。",
       {"返品したいんだけど", "思ってたのと違うから返したい", "返金してほしい",
        "サイズが合わないので返品できますか", "返金いつ？"}},
      {"商品の破損",
       "商品が壊れていたとのこと、申し訳ございません。交換品をお送りします。",
       {"届いたら割れてた", "開けたら壊れてたんですけど", "取っ手が破損してる、交換して", "不良品だった",
        "傷だらけの商品が届いた"}},
      {"ログインできない",
       "ログインできないとのこと、ご不便をおかけします。パスワードの再設定をお試しください。",
       {"アプリにログインできない", "パスワード忘れた", "アカウントに入れなくなった",
        "ログイン画面から進まない", "パスワード再設定のメールが来ない"}},
      {"営業時間",
       "店舗の営業時間は10時から20時までです。",
       {"今日何時までやってる？", "日曜の営業時間を教えて", "お店は何時に開きますか",
        "年末年始は営業してますか", "店舗って定休日ある？"}},
      {"ポイント",
       "ポイントの反映には数日かかることがあります。",
       {"ポイントがついてない", "ポイント反映されないんだけど", "貯めたポイントが消えた",
        "ポイントの期限いつまで", "ポイント使えなかった"}},
      {"Late parcel",
       "We are sorry that your parcel has not arrived yet. We are checking the delivery.",
       {"where is my parcel", "my delivery still hasn't arrived", "package is a week late",
        "when does my order ship", "no tracking update on my delivery for days"}},
      {"Refund",
       "You can return the item and get your money back. The refund takes five days after it arrives.",
       {"I want a refund", "how do I return this", "money back please", "still waiting for my refund",
        "can I send the item back"}},
      {"Broken item",
       "We are sorry that it arrived broken. We will send you a replacement.",
       {"it came broken", "the cup is cracked", "arrived damaged, want a replacement",
        "screen is broken out of the box", "defective item"}},
      {"Password and login",
       "If you cannot log in, please reset your password with the link on the login page.",
       {"can't log in", "forgot my password", "the login page does nothing", "locked out of my account",
        "password reset mail never comes"}},
  };
  return all;
}

TEST(OfferQuality, TheRightReplyIsAmongTheThree) {
  std::vector<std::vector<Gram>> replies;
  for (const auto& one : cases()) {
    replies.push_back(grams_of(std::string(one.name) + "\n" + std::string(one.text)));
  }
  int posts = 0, first = 0, among = 0, first_learnt = 0, among_learnt = 0;
  const auto place_of = [&](std::size_t right, const std::vector<int>& scores) {
    int better = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) better += i != right && scores[i] >= scores[right];
    return scores[right] == 0 ? 99 : better;
  };
  for (std::size_t right = 0; right < cases().size(); ++right) {
    for (const auto post : cases()[right].posts) {
      const auto wanted = grams_of(post);
      std::vector<int> scores, learnt;
      for (std::size_t i = 0; i < replies.size(); ++i) {
        scores.push_back(covered_percent(wanted, replies[i]));
        auto best = scores.back();
        // As after a while: each reply has answered the other four posts.
        for (const auto other : cases()[i].posts) {
          if (other != post) best = std::max(best, alike_percent(wanted, grams_of(other)));
        }
        learnt.push_back(best);
      }
      ++posts;
      const auto place = place_of(right, scores);
      const auto place_learnt = place_of(right, learnt);
      first += place == 0;
      among += place < 3;
      first_learnt += place_learnt == 0;
      among_learnt += place_learnt < 3;
    }
  }
  std::printf("%d posts: first %d, among three %d; after four uses each: first %d, among three %d\n", posts,
              first, among, first_learnt, among_learnt);
  EXPECT_EQ(posts, 50);
  EXPECT_GE(among, 40);
  EXPECT_GE(among_learnt, 43);
  EXPECT_GT(among_learnt, among) << "it learns from use";
}

}  // namespace
}  // namespace kiki::reply::saved
