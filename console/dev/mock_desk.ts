// The mock's memory and its answers.
import { more_names, more_texts, type Sample, samples } from './mock_people.ts';

// biome-ignore lint/suspicious/noExplicitAny: a mock, not a server
type Any = any;
type Send = (event: string, data: unknown, id?: number) => void;
interface Answer {
  status: number;
  value?: unknown;
  type?: string;
}
const iso = (at: number): string => new Date(at).toISOString();
const minute = 60_000;
const ok = (value?: unknown, status = 200): Answer => ({ status, value });
const problem = (status: number, detail: string, code = ''): Answer => ({
  status,
  value: { type: 'about:blank', title: detail, status, detail, code },
});

const bluesky = {
  public_reply: true,
  private_reply: false,
  like: true,
  repost: true,
  delete_own: true,
  thread_context: true,
  profile: true,
  edits: false,
  deletions: true,
  listens: true,
  images: 4,
  image_bytes: 1_000_000,
  image_alt: true,
  text_limit: 300,
  text_unit: 'grapheme',
  idempotent_send: 'chosen_id',
  private_text_limit: 0,
  private_text_unit: '',
  like_closed: '',
};
const open_caps = {
  ...bluesky,
  like: false,
  repost: false,
  delete_own: false,
  thread_context: false,
  profile: false,
  listens: false,
  text_limit: 0,
};

export function make_desk(): Any {
  const now = Date.now();
  const desk: Any = {
    seq: 1,
    next: 1000,
    ears: new Set<Send>(),
    cases: [],
    timelines: {},
    people: {},
    drafts: {},
    files: {},
    signed_in: process.env.KIKI_MOCK_LOGIN !== '1',
    empty: process.env.KIKI_MOCK_EMPTY === '1',
    replies: {},
  };
  desk.me = {
    id: '1',
    name: '佐伯 みのり',
    email: 'saeki@example.jp',
    initials: '佐',
    language: process.env.KIKI_MOCK_LANGUAGE ?? 'ja',
    preferences: { theme: 'system' },
    csrf_token: 'mock',
    version: '0.1.0',
    workspaces: [
      { id: '7', name: 'ミナト電機', role: 'owner' },
      { id: '8', name: 'かもめ堂', role: 'agent' },
    ],
  };
  desk.workspace = {
    id: '7',
    name: 'ミナト電機',
    time_zone: 'Asia/Tokyo',
    language: 'ja',
    role: 'owner',
    created_at: iso(now - 9e9),
    settings: {
      undo_send_seconds: 5,
      dismiss_reasons: ['宣伝・スパム', '私たちのことではない', 'ユーザーどうしの会話', '返信を望んでいない'],
      snooze_presets_minutes: [60, 180, 1440],
    },
  };
  desk.members = [
    {
      user_id: '1',
      name: '佐伯 みのり',
      email: 'saeki@example.jp',
      initials: '佐',
      role: 'owner',
      online: true,
      created_at: iso(now - 9e9),
    },
    {
      user_id: '2',
      name: '田中 直',
      email: 'tanaka@example.jp',
      initials: '田',
      role: 'lead',
      online: true,
      created_at: iso(now - 8e9),
    },
    {
      user_id: '3',
      name: 'Alex Kim',
      email: 'alex@example.jp',
      initials: 'AK',
      role: 'agent',
      online: false,
      created_at: iso(now - 7e9),
    },
  ];
  desk.accounts = desk.empty
    ? []
    : [
        {
          id: '21',
          network: 'bluesky',
          kind: 'account',
          external_id: 'did:plc:x',
          handle: 'minato.example',
          name: 'ミナト電機サポート',
          avatar_url: '',
          status: 'ok',
          status_detail: '',
          status_at: iso(now),
          capabilities: bluesky,
          settings: {},
          created_at: iso(now - 8e9),
        },
        {
          id: '22',
          network: 'open',
          kind: 'account',
          external_id: 'open-1',
          handle: 'shop',
          name: '店舗システム',
          avatar_url: '',
          status: 'action_needed',
          status_detail: 'webhook_refused',
          status_at: iso(now - 6e5),
          capabilities: open_caps,
          settings: { webhook_url: 'https://shop.example.jp/hook' },
          created_at: iso(now - 8e9),
        },
      ];
  desk.topics = desk.empty
    ? []
    : [
        {
          id: '31',
          name: '自社・製品名',
          keywords: ['ミナト', 'Minato', 'MR-310'],
          excluded: ['ミナトミライ'],
          enabled: true,
          found_today: 218,
          created_at: iso(now),
          updated_at: iso(now),
        },
        {
          id: '32',
          name: '不具合ワード',
          keywords: ['電源が入らない', '水漏れ'],
          excluded: [],
          enabled: true,
          found_today: 41,
          created_at: iso(now),
          updated_at: iso(now),
        },
      ];
  desk.tokens = [
    {
      id: '41',
      name: 'BI',
      role: 'viewer',
      account_id: null,
      created_at: iso(now - 5e8),
      last_used_at: iso(now - 3e6),
      revoked_at: null,
    },
  ];
  desk.invitations = [
    {
      id: '51',
      role: 'agent',
      email: 'mori@example.jp',
      created_at: iso(now),
      expires_at: iso(now + 6e8),
      used_at: null,
    },
  ];
  desk.journal = [
    {
      seq: '9001',
      account_id: '22',
      source: 'open.post',
      error: 'author.id is missing',
      place: '/posts/3/author',
      failed_at: iso(now - 5e6),
      attempts: 1,
      excerpt: '{"external_id":"r-19","text":"…"}',
    },
  ];
  desk.sample = { running: false, played: 0, total: 204 };
  if (!desk.empty) {
    for (const [n, sample] of samples.entries()) add_case(desk, sample, now - (n + 2) * 9 * minute);
    const many = Number(process.env.KIKI_MOCK_CASES ?? 0);
    for (let n = 0; n < many; n++)
      add_case(
        desk,
        {
          name: more_names[n % 10]!,
          handle: `user${n}.bsky.social`,
          network: 'bluesky',
          text: more_texts[n % 6]!,
          minutes: 400 + n / 10,
          mark: 'ミナト',
        },
        now - n * 1000,
      );
    tell_story(desk, now);
  }
  if (process.env.KIKI_MOCK_QUIET !== '1')
    setInterval(() => arrive(desk), Number(process.env.KIKI_MOCK_EVERY ?? 12_000)).unref();
  return desk;
}
const id = (desk: Any): string => String(desk.next++);

function add_case(desk: Any, sample: Sample, at: number): Any {
  const case_id = id(desk);
  const person_id = id(desk);
  const conversation_id = id(desk);
  const status = sample.status ?? 'open';
  const from = sample.mark ? sample.text.indexOf(sample.mark) : -1;
  const marks = from >= 0 ? [[from, from + sample.mark!.length]] : [];
  const row: Any = {
    id: case_id,
    number: desk.cases.length + 1,
    status,
    origin: sample.found ? 'found' : 'addressed',
    network: sample.network,
    account_id: sample.network === 'bluesky' ? '21' : '22',
    person_id,
    name: sample.name,
    handle: sample.handle,
    avatar_url: '',
    followers: sample.followers ?? null,
    title: sample.title ?? '',
    preview: sample.text,
    preview_marks: marks,
    due_at: sample.minutes === undefined ? null : iso(Date.now() + sample.minutes * minute),
    promised_from: iso(at),
    priority: 'normal',
    queue: 'desk',
    rank_at: sample.minutes === undefined ? null : iso(Date.now() + sample.minutes * minute),
    rank_why: [],
    opinion: null,
    waiting_since: iso(at),
    last_post_at: iso(at),
    snoozed_until: status === 'snoozed' ? iso(Date.now() + 20 * 60 * minute) : null,
    assignee_id: sample.mine ? '1' : status === 'waiting' ? '2' : null,
    dismiss_reason: '',
    post_count: 1,
    tags: sample.tags ?? [],
    version: 1,
  };
  desk.cases.push(row);
  desk.people[person_id] = {
    id: person_id,
    name: sample.name,
    note: sample.name === 'はるか' ? '朝は返信が早い。絵文字はお好きなようです。' : '',
    case_count: sample.name === 'はるか' ? 3 : 1,
    created_at: iso(at - 9e9),
    identities: [
      {
        id: id(desk),
        network: sample.network,
        external_id: sample.handle,
        handle: sample.handle,
        name: sample.name,
        avatar_url: '',
        bio: sample.name === 'はるか' ? '二児の母。お弁当づくりの記録' : '',
        followers: sample.followers ?? null,
        url: `https://example.com/${sample.handle}`,
      },
    ],
  };
  row.conversation = {
    id: conversation_id,
    account_id: row.account_id,
    network: sample.network,
    visibility: sample.private ? 'private' : 'public',
    external_id: case_id,
    name: '',
  };
  desk.timelines[case_id] = [
    {
      type: 'post',
      id: id(desk),
      at: iso(at),
      conversation_id,
      network: sample.network,
      direction: 'in',
      reason: sample.found ? 'found' : sample.private ? 'message' : 'mention',
      author: { identity_id: '1', user_id: null, name: sample.name, handle: sample.handle, avatar_url: '' },
      text: sample.text,
      marks,
      topics: sample.found ? ['自社・製品名'] : [],
      language: sample.language ?? 'ja',
      url: 'https://example.com/post/1',
      attachments: [],
      edited_at: null,
      deleted_at: null,
      external_id: id(desk),
      reply: null,
      liked: null,
      reposted: null,
    },
  ];
  return row;
}
function out_post(desk: Any, row: Any, text: string, at: number, state: string, user: Any): Any {
  const post_id = id(desk);
  const reply = {
    id: id(desk),
    case_id: row.id,
    post_id,
    action: 'reply',
    state,
    held_until: state === 'held' ? iso(at + 5000) : null,
    next_try_at: null,
    attempts: 0,
    error: state === 'failed' ? 'アカウントの認証が切れています' : '',
    error_code: '',
    url: '',
    created_by: user.user_id,
    created_at: iso(at),
  };
  const item = {
    type: 'post',
    id: post_id,
    at: iso(at),
    conversation_id: row.conversation.id,
    network: row.network,
    direction: 'out',
    reason: '',
    author: {
      identity_id: null,
      user_id: user.user_id,
      name: user.name,
      handle: 'minato.example',
      avatar_url: '',
    },
    text,
    marks: [],
    topics: [],
    language: '',
    url: 'https://example.com/post/9',
    attachments: [],
    edited_at: null,
    deleted_at: null,
    external_id: id(desk),
    reply,
    liked: null,
    reposted: null,
  };
  desk.timelines[row.id].push(item);
  desk.replies[reply.id] = { reply, row, item };
  return reply;
}
function tell_story(desk: Any, now: number): void {
  const row = desk.cases[1];
  const line = desk.timelines[row.id];
  const at = now - 60 * minute;
  line[0].at = iso(at);
  const [saeki, tanaka] = desk.members;
  const someone = (name: string, text: string, minutes: number, direction: string): void => {
    line.push({
      ...line[0],
      id: id(desk),
      at: iso(at + minutes * minute),
      direction,
      reason: direction === 'in' ? 'reply' : '',
      topics: [],
      marks: [],
      text,
      author: {
        identity_id: '2',
        user_id: null,
        name,
        handle: direction === 'in' ? row.handle : 'aoi_friend',
        avatar_url: '',
      },
    });
  };
  someone('あおい', 'え、初期不良？サポートに言ったほうがいいよ', 3, 'context');
  line.push({
    type: 'fact',
    id: 'e1',
    at: iso(at + 9 * minute),
    kind: 'case.status',
    actor: { identity_id: null, user_id: '2', name: tanaka.name, handle: '', avatar_url: '' },
    data: { from: 'found', to: 'open' },
  });
  line.push({
    type: 'fact',
    id: 'e2',
    at: iso(at + 10 * minute),
    kind: 'case.assigned',
    actor: { identity_id: null, user_id: '2', name: tanaka.name, handle: '', avatar_url: '' },
    data: { from: null, to: '1' },
  });
  out_post(
    desk,
    row,
    'はるかさん、突然のお声がけ失礼いたします。届いたばかりなのにお困りのこと、申し訳ございません。差し支えなければ、電源ランプは点きますでしょうか？',
    at + 12 * minute,
    'confirmed',
    saeki,
  );
  someone(
    'はるか',
    '点かないです。コンセントも変えました。注文番号は M-20 から始まるやつですが、ここに書いていいのかな https://example.com/photo',
    34,
    'in',
  );
  line.at(-1).edited_at = iso(at + 35 * minute);
  line.push({
    type: 'note',
    id: id(desk),
    at: iso(at + 40 * minute),
    author: { identity_id: null, user_id: '2', name: tanaka.name, handle: '', avatar_url: '' },
    text: '同じ型番で今朝 4 件。技術に照会中です。交換で進めて大丈夫です。',
    deleted: false,
  });
  row.post_count = 3;
  row.preview = '点かないです。コンセントも変えました。注文番号は M-20 から始まるやつですが…';
  row.preview_marks = [];
  row.earlier = [
    {
      id: desk.cases[11].id,
      number: 12,
      title: 'ケトルのふたの洗い方',
      status: 'resolved',
      network: 'line',
      last_post_at: iso(now - 9e9),
    },
    {
      id: desk.cases[12].id,
      number: 3,
      title: 'ポイントの移行',
      status: 'resolved',
      network: 'email',
      last_post_at: iso(now - 3e10),
    },
  ];
}

function send(desk: Any, event: string, data: unknown, seq?: number): void {
  for (const ear of desk.ears) ear(event, data, seq);
}
const clean = (row: Any): Any => {
  const { conversation, earlier, ...rest } = row;
  return rest;
};
function change(desk: Any, kind: string, row: Any, actor: string | null, data: Any = {}): void {
  const seq = ++desk.seq;
  send(
    desk,
    'change',
    {
      seq,
      at: iso(Date.now()),
      kind,
      case_id: row?.id ?? null,
      post_id: null,
      actor_id: actor,
      data,
      case: row ? clean(row) : null,
    },
    seq,
  );
  send(desk, 'counts', counts(desk));
}
function arrive(desk: Any): void {
  if (desk.ears.size === 0 || desk.empty) return;
  const n = desk.next;
  const found = n % 3 === 0;
  const row = add_case(
    desk,
    {
      name: more_names[n % 10]!,
      handle: `user${n}.bsky.social`,
      network: 'bluesky',
      text: more_texts[n % 6]!,
      mark: 'ミナト',
      ...(found ? { found, status: 'found' as const } : { minutes: 60 }),
    },
    Date.now(),
  );
  change(desk, 'case.opened', row, null);
}
export function hear_live(desk: Any, ear: Send): () => void {
  desk.ears.add(ear);
  ear('counts', counts(desk));
  if (!desk.empty) {
    ear('presence', {
      case_id: desk.cases[0].id,
      user_id: '2',
      name: '田中 直',
      initials: '田',
      state: 'looking',
    });
    ear('presence', {
      case_id: desk.cases[3].id,
      user_id: '3',
      name: 'Alex Kim',
      initials: 'AK',
      state: 'writing',
    });
    ear('presence', {
      case_id: desk.cases[1].id,
      user_id: '2',
      name: '田中 直',
      initials: '田',
      state: 'away',
    });
  }
  return () => desk.ears.delete(ear);
}
function counts(desk: Any): Any {
  const of = (test: (row: Any) => boolean): number => desk.cases.filter(test).length;
  const open = (row: Any): boolean => row.status === 'open';
  return {
    now: of(open),
    mine: of((row) => open(row) && row.assignee_id === '1'),
    found: of((row) => row.status === 'found'),
    waiting: of((row) => row.status === 'waiting'),
    snoozed: of((row) => row.status === 'snoozed'),
    watched: of((row) => row.status === 'watched'),
    purchase: 0,
    opinions: 0,
    overdue: of((row) => open(row) && row.due_at && Date.parse(row.due_at) < Date.now()),
    failed_replies: 0,
    journal_failures: desk.journal.length,
  };
}
function in_view(view: string, row: Any): boolean {
  if (view === 'all') return true;
  if (view === 'now') return row.status === 'open';
  if (view === 'mine') return row.status === 'open' && row.assignee_id === '1';
  return row.status === view;
}
function detail(desk: Any, row: Any): Any {
  const caps =
    row.network === 'bluesky'
      ? bluesky
      : {
          ...open_caps,
          text_limit: row.network === 'x' ? 280 : 500,
          text_unit: row.network === 'x' ? 'weighted' : 'grapheme',
        };
  const target = desk.timelines[row.id].findLast(
    (item: Any) => item.type === 'post' && item.direction === 'in',
  );
  const ways: Any[] =
    row.network === 'email' || !target
      ? []
      : [
          {
            account_id: row.account_id,
            account_handle: 'minato.example',
            network: row.network,
            target_post_id: target.id,
            visibility: row.conversation.visibility,
            capabilities: caps,
          },
        ];
  if (row.number === 2) ways.push({ ...ways[0], account_id: '21', account_handle: 'minato-care.example' });
  return {
    ...clean(row),
    conversations: [row.conversation],
    person: desk.people[row.person_id],
    earlier: row.earlier ?? [],
    participants: 2,
    can_reply: ways,
    drafts: Object.values(desk.drafts[row.id] ?? {}),
  };
}
function advance(desk: Any, reply_id: string): void {
  const { reply, row } = desk.replies[reply_id];
  const step: Record<string, string> = {
    held: 'queued',
    queued: 'sending',
    sending: 'sent',
    sent: 'confirmed',
  };
  const next = step[reply.state];
  if (!next) return;
  reply.state = next;
  reply.held_until = null;
  if (next === 'queued') Object.assign(row, { status: 'waiting', due_at: null, version: row.version + 1 });
  change(desk, 'reply.state', row, '1');
  setTimeout(() => advance(desk, reply_id), 700);
}

export function answer(
  desk: Any,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Any,
  type: string,
): Answer {
  const route = `${method} ${path}`;
  if (route === 'GET /setup') return ok({ needed: process.env.KIKI_MOCK_SETUP === '1' });
  if (route === 'POST /setup' || route === 'POST /session' || route === 'POST /session/link') {
    if (route === 'POST /session' && body.password === 'wrong')
      return problem(401, 'wrong', 'wrong_credentials');
    desk.signed_in = true;
    if (body.name) desk.me.name = body.name;
    return ok(desk.me);
  }
  if (path.startsWith('/invitations/'))
    return method === 'GET'
      ? ok({
          workspace_name: 'ミナト電機',
          role: 'agent',
          email: 'mori@example.jp',
          expires_at: iso(Date.now() + 6e8),
          invited_by: '佐伯 みのり',
        })
      : ok(desk.me);
  if (!desk.signed_in) return problem(401, 'sign in');
  if (route === 'DELETE /session') {
    desk.signed_in = false;
    return ok(undefined, 204);
  }
  if (path === '/me') {
    if (method === 'PATCH') Object.assign(desk.me, body);
    return ok(desk.me);
  }
  if (path === '/me/password')
    return body.current === 'wrong' ? problem(401, 'wrong', 'wrong_credentials') : ok(undefined, 204);
  if (path === '/workspaces') return ok({ ...desk.workspace, id: '8', name: body.name });
  const inside = /^\/workspaces\/(\d+)(\/.*)?$/.exec(path);
  if (!inside) return problem(404, 'no such thing');
  return in_workspace(desk, method, inside[2] ?? '', query, body, type);
}

function in_workspace(
  desk: Any,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Any,
  type: string,
): Answer {
  const parts = path.split('/').filter(Boolean);
  const [what, one, verb] = parts;
  const page = (items: Any[]): Answer => ok({ items, next_cursor: null });
  if (!what) {
    if (method === 'PATCH')
      Object.assign(desk.workspace, body, { settings: { ...desk.workspace.settings, ...body.settings } });
    return ok(desk.workspace);
  }
  if (what === 'sample') {
    if (method === 'POST') desk.sample.running = true;
    if (method === 'DELETE') desk.sample.running = false;
    return ok(method === 'GET' ? desk.sample : { account_id: '22' });
  }
  if (what === 'stream')
    return ok({
      url: 'wss://bsky.network',
      status: 'ok',
      detail: '',
      posts_seen: 1_204_331,
      posts_found: 412,
      behind_ms: 180,
    });
  if (what === 'channels')
    return page([
      {
        network: 'bluesky',
        mark: 'B',
        capabilities: bluesky,
        connect_fields: [
          { key: 'handle', type: 'handle', required: true, default_value: '' },
          { key: 'app_password', type: 'secret', required: true, default_value: '' },
        ],
      },
      {
        network: 'open',
        mark: 'O',
        capabilities: open_caps,
        connect_fields: [
          { key: 'name', type: 'text', required: true, default_value: '' },
          { key: 'webhook_url', type: 'url', required: false, default_value: '' },
        ],
      },
    ]);
  if (what === 'journal') {
    if (method === 'GET') return page(desk.journal);
    desk.journal = [];
    return ok({ replayed: 1, still_failing: 0 });
  }
  if (what === 'search') {
    const q = (query.get('q') ?? '').toLowerCase();
    const hits = desk.cases
      .filter((row: Any) => row.preview.toLowerCase().includes(q) || row.name.toLowerCase().includes(q))
      .slice(0, 30);
    return page(
      hits.map((row: Any) => {
        const from = row.preview.toLowerCase().indexOf(q);
        return {
          case_id: row.id,
          post_id: null,
          number: row.number,
          name: row.name,
          handle: row.handle,
          network: row.network,
          at: row.last_post_at,
          excerpt: row.preview,
          marks: from >= 0 ? [[from, from + q.length]] : [],
          status: row.status,
        };
      }),
    );
  }
  const lists: Record<string, string> = {
    members: 'members',
    accounts: 'accounts',
    topics: 'topics',
    tokens: 'tokens',
    invitations: 'invitations',
  };
  if (lists[what]) return in_list(desk, desk[lists[what]!], what, method, one, verb, body);
  if (what === 'people') {
    const person = desk.people[one!];
    if (method === 'PATCH') Object.assign(person, body);
    return ok(person);
  }
  if (what === 'attachments') {
    if (method === 'POST') {
      const made = id(desk);
      desk.files[made] = { bytes: body, type };
      return ok({ id: made, content_type: type, bytes: body.length, alt: '', width: null, height: null });
    }
    if (method === 'GET') return { status: 200, value: desk.files[one!].bytes, type: desk.files[one!].type };
    return ok({});
  }
  if (what === 'replies') {
    const { reply, item } = desk.replies[one!];
    if (verb === 'cancel') {
      if (reply.state !== 'held') return problem(409, 'already on its way', 'too_late');
      reply.state = 'cancelled';
    } else {
      reply.state = 'queued';
      setTimeout(() => advance(desk, one!), 500);
    }
    void item;
    return ok(reply);
  }
  if (what === 'posts')
    return ok(
      {
        id: id(desk),
        case_id: '',
        post_id: one,
        action: verb ?? 'delete',
        state: 'queued',
        held_until: null,
        next_try_at: null,
        attempts: 0,
        error: '',
        error_code: '',
        url: '',
        created_by: '1',
        created_at: iso(Date.now()),
      },
      202,
    );
  if (what === 'notes') {
    for (const line of Object.values(desk.timelines) as Any[])
      for (const item of line) if (item.id === one) item.deleted = true;
    return ok(undefined, 204);
  }
  if (what === 'cases') return in_cases(desk, method, one, verb, query, body);
  return problem(404, 'no such thing');
}

function in_list(
  desk: Any,
  list: Any[],
  what: string,
  method: string,
  one: string | undefined,
  verb: string | undefined,
  body: Any,
): Answer {
  const hit = list.find((item) => (item.id ?? item.user_id) === one);
  if (verb === 'deliveries')
    return ok({
      items: [
        {
          id: '1',
          outbox_id: '2',
          case_id: desk.cases[0]?.id,
          url: 'https://shop.example.jp/hook',
          attempted_at: iso(Date.now() - 5e5),
          duration_ms: 412,
          status: 500,
          outcome: 'refused',
          excerpt: 'Internal Server Error',
        },
        {
          id: '0',
          outbox_id: '1',
          case_id: desk.cases[0]?.id,
          url: 'https://shop.example.jp/hook',
          attempted_at: iso(Date.now() - 9e5),
          duration_ms: 87,
          status: 204,
          outcome: 'delivered',
          excerpt: '',
        },
      ],
      next_cursor: null,
    });
  if (verb) return ok(Object.assign(hit, { status: 'ok' }));
  if (method === 'GET') return ok({ items: list, next_cursor: null });
  if (method === 'PATCH') {
    Object.assign(hit, body);
    if (what === 'accounts' && 'paused' in body) hit.status = body.paused ? 'paused' : 'ok';
    return ok(hit);
  }
  if (method === 'DELETE') {
    list.splice(list.indexOf(hit), 1);
    return ok(undefined, 204);
  }
  const made: Any = { ...body, id: id(desk), created_at: iso(Date.now()), updated_at: iso(Date.now()) };
  if (what === 'topics') Object.assign(made, { enabled: true, found_today: 0 });
  if (what === 'tokens')
    Object.assign(made, { token: 'kiki_4f0f2c1b77', last_used_at: null, revoked_at: null, account_id: null });
  if (what === 'invitations')
    Object.assign(made, {
      link: 'http://127.0.0.1:8080/invite/4f0f2c1b77',
      expires_at: iso(Date.now() + 6e8),
      used_at: null,
      email: body.email ?? '',
    });
  if (what === 'accounts') {
    if (body.fields?.app_password === 'wrong')
      return {
        status: 400,
        value: {
          type: '',
          title: 'x',
          status: 400,
          detail: 'このアプリパスワードでは入れませんでした。',
          code: 'invalid',
          where: 'fields.app_password',
        },
      };
    Object.assign(made, {
      kind: 'account',
      external_id: 'x',
      handle: body.fields?.handle ?? body.fields?.name ?? '',
      name: body.fields?.name ?? body.fields?.handle ?? '',
      avatar_url: '',
      status: 'ok',
      status_detail: '',
      status_at: iso(Date.now()),
      capabilities: body.network === 'open' ? open_caps : bluesky,
      settings: {},
      ...(body.network === 'open'
        ? { token: 'kiki_open_9b2f', signing_secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
        : {}),
    });
  }
  list.push(made);
  return ok(made);
}

function in_cases(
  desk: Any,
  method: string,
  one: string | undefined,
  verb: string | undefined,
  query: URLSearchParams,
  body: Any,
): Answer {
  if (one === 'counts') return ok(counts(desk));
  if (!one) {
    const view = query.get('view') ?? 'now';
    const limit = Number(query.get('limit') ?? 50);
    const from = Number(query.get('cursor') ?? 0);
    const rows = desk.cases.filter((row: Any) => in_view(view, row));
    const key = (row: Any): string => row.due_at ?? '9';
    if (view === 'now' || view === 'mine') rows.sort((a: Any, b: Any) => (key(a) < key(b) ? -1 : 1));
    else rows.sort((a: Any, b: Any) => (a.last_post_at > b.last_post_at ? -1 : 1));
    return ok({
      items: rows.slice(from, from + limit).map(clean),
      next_cursor: from + limit < rows.length ? String(from + limit) : null,
    });
  }
  const row = desk.cases.find((item: Any) => item.id === one);
  if (!row) return problem(404, 'no such case');
  if (!verb && method === 'GET') return ok(detail(desk, row));
  if (verb === 'timeline') return ok({ items: desk.timelines[one], before: null });
  if (verb === 'presence') return ok(undefined, 204);
  if (verb === 'draft') {
    desk.drafts[one] ??= {};
    if (method === 'PUT')
      desk.drafts[one][body.kind] = {
        user_id: '1',
        user_name: desk.me.name,
        ...body,
        updated_at: iso(Date.now()),
      };
    else delete desk.drafts[one][query.get('kind')!];
    return ok(undefined, 204);
  }
  const me = desk.members[0];
  const actor = { identity_id: null, user_id: '1', name: desk.me.name, handle: '', avatar_url: '' };
  if (verb === 'notes') {
    const note = {
      type: 'note',
      id: id(desk),
      at: iso(Date.now()),
      author: actor,
      text: body.text,
      deleted: false,
    };
    desk.timelines[one].push(note);
    return ok(note);
  }
  if (verb === 'replies') {
    const reply = out_post(desk, row, body.text, Date.now(), 'held', me);
    for (const file of body.attachment_ids ?? [])
      desk.timelines[one].at(-1).attachments.push({
        kind: 'image',
        url: `/api/v1/workspaces/7/attachments/${file}`,
        thumbnail_url: '',
        alt: '',
        title: '',
        width: 0,
        height: 0,
      });
    setTimeout(() => advance(desk, reply.id), 5000);
    return ok(reply, 202);
  }
  if (body?.version !== undefined && body.version !== row.version)
    return problem(409, 'changed meanwhile', 'changed');
  if (verb === 'assign') row.assignee_id = body.user_id;
  if (verb === 'snooze') Object.assign(row, { status: 'snoozed', snoozed_until: body.until });
  if (verb === 'resolve') Object.assign(row, { status: 'resolved' });
  if (verb === 'watch') Object.assign(row, { status: 'watched', dismiss_reason: body.reason });
  if (verb === 'dismiss') Object.assign(row, { status: 'dismissed', dismiss_reason: body.reason });
  if (verb === 'open') Object.assign(row, { status: 'open', snoozed_until: null, dismiss_reason: '' });
  if (verb === 'tags') row.tags = body.tags;
  if (method === 'PATCH') row.title = body.title;
  row.version++;
  const kind = verb === 'assign' ? 'case.assigned' : verb === 'tags' ? 'case.tagged' : 'case.status';
  if (method === 'POST')
    desk.timelines[one].push({
      type: 'fact',
      id: `e${desk.next++}`,
      at: iso(Date.now()),
      kind,
      actor,
      data:
        verb === 'assign'
          ? { to: body.user_id }
          : { from: 'open', to: row.status, reason: row.dismiss_reason, until: row.snoozed_until },
    });
  change(desk, kind, row, '1');
  return ok(clean(row));
}
