// A desk worth a picture: a brand, colleagues, customers in two languages with questions, complaints and praise, an
// answered case, a note, a topic. All of it is made up.
import { open_post, password } from './desk.mjs';
import { until } from './wait.mjs';
import { WebhookReceiver } from './webhook_receiver.mjs';

const minutes_ago = (count) => new Date(Date.now() - count * 60_000).toISOString();

const posts = [
  {
    id: 'hinata',
    name: '陽菜',
    text: 'アプリを更新してから、注文履歴がまったく開かなくなりました。何度入れ直しても同じです。',
    ago: 52,
    network: 'x',
  },
  {
    id: 'kobayashi',
    name: '小林 拓',
    text: '昨日届いたマグカップ、取っ手が割れていました。交換してもらえますか？',
    ago: 41,
    network: 'instagram',
  },
  {
    id: 'emma',
    name: 'Emma Clarke',
    text: 'Third time I ask: where is my refund? Nobody answers the phone.',
    ago: 33,
    network: 'x',
  },
  {
    id: 'mio',
    name: 'みお',
    text: '新しい抹茶ラテ、本当においしかったです！毎朝飲みたい。',
    ago: 28,
    network: 'bluesky',
  },
  {
    id: 'oliver',
    name: 'Oliver',
    text: 'Could you add an oat milk option to the app? I would order every day.',
    ago: 19,
    network: 'mastodon',
  },
  {
    id: 'sato',
    name: '佐藤',
    text: 'ポイントが反映されていないようです。確認をお願いします。',
    ago: 14,
    network: 'line',
  },
  { id: 'yuki', name: 'ゆき', text: '渋谷店の営業時間は今日も20時までですか？', ago: 6, network: 'x' },
  {
    id: 'lucas',
    name: 'Lucas',
    text: 'My gift card code says "already used", but I just bought it an hour ago.',
    ago: 2,
    network: 'email',
  },
];

export async function scene(desk) {
  const receiver = await WebhookReceiver.start();
  const { owner } = desk;
  await owner.in('PATCH', '', { name: 'こもれび珈琲' });
  await owner.api('PATCH', '/me', { name: '山田 花子', initials: 'YH' });
  const shop = await desk.open_account(owner, { webhook_url: receiver.url });
  receiver.secret = shop.secret;
  const agent = await desk.person('agent');
  await owner.in('POST', '/topics', {
    name: '抹茶ラテ',
    keywords: ['抹茶ラテ', 'matcha latte'],
    excluded: ['作り方'],
  });
  const post = ({ id, name, text, ago, ...extra }) =>
    shop.program.post(
      '/open/posts',
      open_post(id, {
        text,
        posted_at: minutes_ago(ago),
        author: { id, name, handle: id, followers: 120 },
        reason: 'mention',
        visibility: 'public',
        ...extra,
      }),
    );
  for (const entry of posts) await post(entry);
  const main = await owner.case_with('注文履歴');
  await owner.in('PUT', `/cases/${main.id}/tags`, { tags: ['アプリ', '注文履歴'] });
  await owner.in('POST', `/cases/${main.id}/notes`, { text: '4.2.1 で直る予定。開発に確認済み。' });
  const reply = await owner.reply(
    main.id,
    'ご不便をおかけして申し訳ありません。お使いの端末の機種と、アプリの版を教えていただけますか？（山田）',
  );
  await owner.confirmed(main.id, reply.id);
  await shop.program.post(
    '/open/posts',
    open_post('hinata', {
      external_id: 'hinata-2',
      thread_id: 'thread-hinata',
      text: 'ありがとうございます。iPhone 15 で、版は 4.2.0 です。',
      reason: 'reply',
      visibility: 'public',
      network: 'x',
      author: { id: 'hinata', name: '陽菜', handle: 'hinata', followers: 120 },
    }),
  );
  await owner.case_with('iPhone 15');
  const done = await owner.case_with('抹茶ラテ');
  await owner.in('POST', `/cases/${done.id}/assign`, { user_id: owner.me.id });
  // One reply that waits for a second person.
  const refund = await owner.case_with('where is my refund');
  const way = (await agent.in('GET', `/cases/${refund.id}`)).can_reply[0];
  await agent.in('POST', `/cases/${refund.id}/approvals`, {
    account_id: way.account_id,
    target_post_id: way.target_post_id,
    text: 'Emma, we are sorry for the silence. You get a full refund today.',
    request_id: 'refund',
    note: 'She asked three times. Is the full amount all right?',
  });
  return {
    desk,
    owner,
    main,
    shop,
    refund,
    email: 'owner@example.com',
    password,
    stop: () => receiver.stop(),
  };
}

// Where to look, and what must stand there before the picture is taken.
export function screens_of({ owner, main: shown, refund }) {
  const base = `/w/${owner.workspace}`;
  return [
    { name: 'inbox', main: true, path: `${base}/now`, option: true },
    { name: 'case', main: true, path: `${base}/now/case/${shown.id}`, text: '4.2.1' },
    { name: 'approvals', main: true, path: `${base}/approvals`, text: 'full refund' },
    { name: 'approval', path: `${base}/now/case/${refund.id}`, text: 'full refund' },
    { name: 'replies', path: `${base}/settings/replies` },
    { name: 'search', path: `${base}/search?q=${encodeURIComponent('注文')}` },
    { name: 'empty', path: `${base}/resolved` },
    { name: 'accounts', path: `${base}/settings/accounts` },
    { name: 'topics', path: `${base}/settings/topics` },
    { name: 'members', path: `${base}/settings/members` },
    { name: 'me', path: `${base}/settings/me` },
    { name: 'welcome', path: `${base}/welcome` },
    { name: 'login', main: true, path: '/', signed_out: true },
  ];
}

export async function open_screen(browser, stage, screen, options) {
  const page = await browser.page({
    ...options,
    client: screen.signed_out ? undefined : stage.owner,
    url: stage.owner.url + screen.path,
  });
  if (screen.option) await page.getByRole('option').first().waitFor();
  if (screen.text) await page.getByText(screen.text).first().waitFor();
  // Still: the same words for a quarter of a second. (The live stream never lets the network be idle.)
  let before = '';
  await until(
    'the page stands still',
    async () => {
      const now = await page.locator('body').innerText();
      const still = now === before && now.trim().length > 20;
      before = now;
      return still;
    },
    { every_ms: 250 },
  );
  return page;
}
