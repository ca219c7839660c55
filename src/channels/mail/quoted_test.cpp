#include "channels/mail/quoted.hpp"

#include <gtest/gtest.h>

namespace kiki::channels::mail {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* said;
  const char* quoted_begins;
};

class Quoted : public testing::TestWithParam<Case> {};

TEST_P(Quoted, IsFolded) {
  const auto split = split_quoted(GetParam().text);
  EXPECT_EQ(split.text, GetParam().said);
  EXPECT_TRUE(split.quoted.starts_with(GetParam().quoted_begins)) << split.quoted;
  EXPECT_EQ(split.quoted.empty(), GetParam().quoted_begins[0] == '\0');
}

INSTANTIATE_TEST_SUITE_P(
    Styles, Quoted,
    testing::Values(
        Case{"gmail",
             "Thanks!\n\nOn Tue, Mar 3, 2026 at 6:30 PM Care <care@example.com> wrote:\n\n> Hello\n> there\n",
             "Thanks!", "On Tue"},
        Case{"gmail_wrapped",
             "Thanks!\n\nOn Tue, Mar 3, 2026 at 6:30 PM A Very Long Name Of Somebody\n<care@example.com> "
             "wrote:\n> Hello\n",
             "Thanks!", "On Tue"},
        Case{"gmail_ja",
             "届きました。\n\n2026年3月3日(火) 18:30 ミナト電機 <care@example.com>:\n\n> ご確認ください\n",
             "届きました。", "2026年"},
        Case{"apple_ja", "はい\n\n2026/03/03 18:30、ミナト電機 <care@example.com>のメール:\n\n> どうですか\n",
             "はい", "2026/03/03"},
        Case{"thunderbird_ja", "はい\n\nOn 2026/03/03 18:30, ミナト電機 wrote:\n> どうですか\n", "はい",
             "On 2026"},
        Case{"thunderbird_ja2", "はい\n\n2026/03/03 18:30、ミナト電機 さんは書きました:\n> どうですか\n",
             "はい", "2026/03/03"},
        Case{"outlook",
             "Fine.\n\n-----Original Message-----\nFrom: Care\nSent: Tuesday\nTo: Hana\nSubject: x\n\nHello",
             "Fine.", "-----Original"},
        Case{"outlook_ja",
             "承知しました。\n\n________________________________\n差出人: ミナト電機 <care@example.com>\n"
             "送信日時: 2026年3月3日 18:30\n宛先: 花子\n件名: Re: 注文\n\nご確認ください",
             "承知しました。", "_____"},
        Case{"outlook_ja2", "了解\n\n-----元のメッセージ-----\n差出人: x\n\n前の文", "了解", "-----元の"},
        Case{"trailing", "Yes.\n\n> Is it blue?\n", "Yes.", "> Is"},
        Case{"bottom", "On Tue Care <care@example.com> wrote:\n> Is it blue?\n\nYes it is.\n", "Yes it is.",
             "On Tue"},
        Case{"between", "> Is it blue?\nYes.\n> And new?\nNo.\n", "> Is it blue?\nYes.\n> And new?\nNo.", ""},
        Case{"forwarded",
             "See below\n\n---------- Forwarded message ---------\nFrom: a\nDate: b\nTo: c\n\nthe point\n",
             "See below\n\n---------- Forwarded message ---------\nFrom: a\nDate: b\nTo: c\n\nthe point", ""},
        Case{"only_quoted", "> all of it\n> is quoted\n", "> all of it\n> is quoted", ""},
        Case{"signature", "Bye\n-- \nHana\n", "Bye\n-- \nHana", ""},
        Case{"a_date", "2026年3月3日に届く予定：\nまだです。", "2026年3月3日に届く予定：\nまだです。", ""},
        Case{"from_word", "From: what I saw\nit is broken", "From: what I saw\nit is broken", ""}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace kiki::channels::mail
