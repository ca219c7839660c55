// Written examples for the mock desk: customers of an invented maker of kitchen appliances.
export interface Sample {
  name: string;
  handle: string;
  network: string;
  text: string;
  mark?: string;
  found?: boolean;
  followers?: number;
  minutes?: number; // of the promise left
  title?: string;
  tags?: string[];
  status?: 'found' | 'open' | 'waiting' | 'snoozed' | 'resolved' | 'dismissed';
  private?: boolean;
  mine?: boolean;
  language?: string;
}
export const samples: Sample[] = [
  {
    name: 'tomo.kitchen',
    handle: 'tomo.kitchen',
    network: 'instagram',
    text: '煙が出ました。危ないと思うんですけど、連絡先どこですか？',
    followers: 48000,
    minutes: -2,
    tags: ['安全'],
    title: '煙が出た（トースター）',
  },
  {
    name: 'はるか',
    handle: 'haruka_0412',
    network: 'x',
    text: 'ミナトの炊飯器、昨日届いたのに電源が入らない…子どもの弁当どうしよう',
    mark: 'ミナトの炊飯器',
    found: true,
    minutes: 14,
    title: '電源が入らない（炊飯器 MR-310）',
    tags: ['MR-310'],
    followers: 312,
    mine: true,
  },
  {
    name: 'Kei',
    handle: '',
    network: 'line',
    text: '保証書をなくしたのですが、修理はお願いできますか。型番は MR-310 です',
    minutes: 41,
    private: true,
  },
  {
    name: 'まるこ',
    handle: 'maruko.bsky.social',
    network: 'bluesky',
    text: '#ミナトに要望 タイマーを 10 分きざみにしてほしい！',
    mark: 'ミナト',
    minutes: 52,
    tags: ['要望'],
    mine: true,
  },
  {
    name: 'そら',
    handle: 'sora_camp.bsky.social',
    network: 'bluesky',
    text: '友だちに勧められて買ったミナトのケトル、ほんと静かで最高',
    mark: 'ミナト',
    found: true,
    minutes: 180,
    followers: 1520,
  },
  {
    name: '山本 健一',
    handle: 'k-yamamoto@example.jp',
    network: 'email',
    text: '領収書の再発行について（注文番号 M-204417）',
    minutes: 300,
    private: true,
  },
  {
    name: 'Rina M.',
    handle: 'rina_writes',
    network: 'mastodon',
    text: 'Does the Minato MR-310 work on 220V? Moving to Seoul next month',
    mark: 'Minato',
    minutes: 360,
    language: 'en',
  },
  {
    name: 'こむぎ',
    handle: 'komugi.bsky.social',
    network: 'bluesky',
    text: 'ミナトのトースター、パンくずトレイってどこで買えるんだろう',
    mark: 'ミナト',
    found: true,
    status: 'found',
  },
  {
    name: '珈琲とねこ',
    handle: 'neko_coffee.bsky.social',
    network: 'bluesky',
    text: 'ケトルの注ぎ口から水漏れ。ミナトさん、これ仕様ですか？',
    mark: 'ミナト',
    found: true,
    status: 'found',
    followers: 9200,
  },
  {
    name: 'Daniel Osei',
    handle: 'dosei.bsky.social',
    network: 'bluesky',
    text: 'My Minato kettle switches itself off before boiling since the weekend. Anyone else?',
    mark: 'Minato',
    found: true,
    status: 'found',
    language: 'en',
  },
  {
    name: 'あんず',
    handle: 'anzu_to_pan.bsky.social',
    network: 'bluesky',
    text: 'ミナトの新しい炊飯器、気になってるけど早炊きの味どうですか',
    mark: 'ミナト',
    found: true,
    status: 'found',
  },
  {
    name: '中村',
    handle: 'nakamura',
    network: 'x',
    text: '交換品、無事に届きました。ご対応ありがとうございました！',
    status: 'resolved',
    title: '交換品の発送',
  },
  {
    name: 'Lena',
    handle: 'lena@social.example',
    network: 'mastodon',
    text: 'Thanks, I will try the descaling steps tonight.',
    status: 'waiting',
    language: 'en',
  },
  {
    name: '小野',
    handle: 'ono.bsky.social',
    network: 'bluesky',
    text: '修理センターからの連絡を待っています',
    status: 'snoozed',
  },
];
export const more_names = ['ゆい', 'たける', 'みお', 'Aiko', 'Sam', '栗原', 'はなこ', 'Ines', 'りく', 'Noor'];
export const more_texts = [
  'ミナトのケトル、音が大きくなった気がする',
  '説明書の PDF はどこにありますか？',
  'ミナトの炊飯器で玄米がおいしく炊けた',
  'Is there a spare lid for the Minato kettle?',
  '保証の延長ってできますか',
  'ミナトのサポート、電話がつながらない…',
];
