// The description at /api/v1/openapi.json against the real answers: every route is asked, and request and answer are
// held to the schemas the document names. A route without a description, or never asked here, fails the test.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';
import { Client, record } from '../support/client.mjs';
import { Desk, open_post, password } from '../support/desk.mjs';
import { Visitor } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

let desk;
let api; // the document
let receiver;
const exchanges = [];

before(async () => {
  record((exchange) => exchanges.push(exchange));
  receiver = await WebhookReceiver.start();
  desk = await Desk.open();
  api = (await desk.owner.send('GET', '/api/v1/openapi.json')).body;
});
after(async () => {
  record(null);
  await desk?.stop();
  await receiver?.stop();
});

test('the document is valid OpenAPI 3.1', async () => {
  assert.match(api.openapi, /^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(api));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  const ids = operations().map((operation) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, 'operationIds are unique');
});

async function walk_the_card(inside, { person_id }, other_id) {
  const fields = [{ name: 'Customer number', kind: 'text' }];
  const { body: set } = await inside('PUT', '/person_fields', { version: 0, fields });
  await inside('GET', '/person_fields');
  await inside('PATCH', `/people/${person_id}`, { values: { [set.fields[0].id]: 'A-1' } });
  await inside('GET', '/people?q=Person');
  for (const part of ['posts?limit=1', 'cases', 'tags', 'suggestions'])
    await inside('GET', `/people/${person_id}/${part}`);
  await inside('PUT', `/people/${person_id}/apart/${other_id}`, {});
  await inside('DELETE', `/people/${person_id}/apart/${other_id}`);
  const { body: joined } = await inside('POST', `/people/${person_id}/merge`, { person_id: other_id });
  await inside('GET', `/people/${person_id}/changes`);
  await inside('POST', `/person_changes/${joined.change_id}/undo`, {});
  await inside('POST', `/people/${person_id}/split`, { identity_ids: [joined.person.identities[0].id] });
  await inside('GET', '/customer_source');
  await inside('PUT', '/customer_source', { url: receiver.url });
  await inside('GET', `/people/${person_id}/facts`);
  await inside('POST', `/people/${person_id}/facts/refresh`, {});
  await inside('DELETE', '/customer_source');
}

async function walk_the_chat(inside) {
  const account = (await inside('POST', '/accounts', { network: 'chat', fields: { name: 'Shop chat' } }))
    .body;
  const path = `/accounts/${account.id}/chat`;
  const { key } = (await inside('PUT', path, { origins: ['https://shop.example'] })).body;
  await inside('GET', path);
  await inside('POST', `${path}/secret`, {});
  const visitor = new Visitor(desk.url, key);
  await visitor.write('A question by web chat');
  const row = await desk.owner.case_with('A question by web chat');
  await inside('GET', `/cases/${row.id}/visitor`);
  await inside('PUT', '/reach', { enabled: true, accounts: [{ account_id: account.id }] });
  await inside('GET', '/reach');
}

// One call of everything, in an order that makes sense; outcomes beyond the status class do not matter here.
test('a walk over every route', async () => {
  const { owner } = desk;
  const inside = (method, path, body, options) =>
    owner.send(method, `/api/v1/workspaces/${owner.workspace}${path}`, body, options);
  const shop = await desk.open_account(owner, { webhook_url: receiver.url });
  receiver.secret = shop.secret;
  await shop.program.post('/open/posts', open_post('one'));
  await shop.program.post('/open/posts', {
    posts: [open_post('two'), open_post('three'), { external_id: 7 }],
  });
  const row = await owner.case_with('number one');
  const agent = await desk.person('agent');
  await owner.get('/setup');
  await owner.get('/me');
  await owner.api('PATCH', '/me', { initials: 'OW', preferences: { theme: 'dark' } });
  await owner.send('POST', '/api/v1/me/password', { current: 'wrong', new: password });
  await owner.send('POST', '/api/v1/session/link', { token: 'nonsense' });
  await new Client(desk.url).send('POST', '/api/v1/session', { email: 'a@example.com', password: 'wrong' });
  await new Client(desk.url).sign_in(agent.email, password).then((other) => other.api('DELETE', '/session'));
  await inside('GET', '');
  await inside('GET', '/members');
  await inside('PATCH', `/members/${agent.me.id}`, { role: 'lead' });
  const invitation = (await inside('POST', '/invitations', { role: 'viewer', email: 'v@example.com' })).body;
  await inside('GET', '/invitations');
  const token = invitation.link
    .split(/[#/]/)
    .filter((piece) => piece && piece !== 'accept')
    .at(-1);
  await new Client(desk.url).send('GET', `/api/v1/invitations/${token}/accept`);
  await inside('DELETE', `/invitations/${invitation.id}`);
  const made = (await inside('POST', '/tokens', { name: 'Reports', role: 'viewer' })).body;
  await inside('GET', '/tokens');
  await new Client(desk.url, { token: made.token }).send(
    'GET',
    `/api/v1/workspaces/${owner.workspace}/cases`,
  );
  await inside('DELETE', `/tokens/${made.id}`);
  await inside('GET', '/channels');
  await inside('GET', '/accounts');
  await inside('PATCH', `/accounts/${shop.account.id}`, { name: 'The shop' });
  await inside('POST', `/accounts/${shop.account.id}/test`, {});
  await inside('POST', `/accounts/${shop.account.id}/reconnect`, { fields: { webhook_url: receiver.url } });
  const topic = (
    await inside('POST', '/topics', { name: 'Taps', keywords: ['tap', '蛇口'], excluded: ['tap dance'] })
  ).body;
  await inside('GET', '/topics');
  await inside('GET', '/topics?archived=true');
  await inside('GET', `/topics/${topic.id}`);
  await inside('POST', '/topics', { name: 'Wrong', query: '(tap' });
  await inside('POST', '/topics/parse', {
    query: '(tap* OR #蛇口) -"tap dance" from:me has:link followers:>10',
  });
  await inside('POST', '/topics/parse', { query: 'tap NEAR/3 (drips OR leaks) (' });
  await inside('POST', '/topics/preview', { query: 'tap', topic_id: topic.id, mutes: { bots: true } });
  await inside('GET', `/topics/${topic.id}/report`);
  await inside('GET', `/topics/${topic.id}/suggestions`);
  await inside('GET', `/topics/${topic.id}/posts?kind=word&value=tap`);
  await inside('PATCH', `/topics/${topic.id}`, {
    enabled: false,
    themes: [{ name: 'Leaks', query: 'leak*' }],
    mutes: { authors: [{ handle: 'spam' }] },
    folding: { kana: false },
    is_competitor: true,
  });
  await inside('GET', `/topics/${topic.id}/alarm_rules`);
  await inside('PUT', `/topics/${topic.id}/alarm_rules`, { learnt: true, posts: 20, minutes: 30 });
  await inside('GET', `/alarms?topic_id=${topic.id}`);
  await inside('GET', '/notices');
  await inside('POST', '/notices/12345678/read');
  await inside('GET', '/notification_settings');
  await inside('PATCH', '/notification_settings', { least_severity: 7, quiet_from: null, quiet_until: null });
  const hook = (await inside('POST', '/webhooks', { name: 'Phone', url: receiver.url })).body;
  await inside('GET', '/webhooks');
  await inside('PATCH', `/webhooks/${hook.id}`, { enabled: false });
  await inside('GET', `/webhooks/${hook.id}/deliveries`);
  await inside('POST', `/webhooks/${hook.id}/deliveries/12345678/resend`);
  await inside('DELETE', `/webhooks/${hook.id}`);
  for (const view of [
    'now',
    'mine',
    'found',
    'folded',
    'waiting',
    'snoozed',
    'resolved',
    'dismissed',
    'all',
  ]) {
    await inside('GET', `/cases?view=${view}`);
  }
  await inside('GET', '/cases/counts');
  await inside('GET', `/cases/${row.id}`);
  await inside('POST', `/cases/${row.id}/notes`, { text: 'A note.' });
  await inside('GET', `/cases/${row.id}/timeline?limit=5`);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  );
  const upload = (
    await inside('POST', '/attachments?alt=dot', png, { raw: true, headers: { 'content-type': 'image/png' } })
  ).body;
  await inside('GET', `/attachments/${upload.id}`);
  await inside('PATCH', `/attachments/${upload.id}`, { alt: 'A dot' });
  const reply = await owner.reply(row.id, 'We are on our way.', { attachment_ids: [upload.id] });
  await owner.confirmed(row.id, reply.id);
  await inside('GET', `/cases/${row.id}/timeline`);
  await inside('GET', `/replies/${reply.id}`);
  await shop.program.send('GET', `/api/v1/open/attachments/${upload.id}`);
  await inside('POST', `/replies/${reply.id}/cancel`, {});
  await inside('POST', `/replies/${reply.id}/retry`, { seen_post_id: reply.post_id });
  await inside('POST', `/replies/${reply.id}/settle`, { arrived: true });
  await inside('GET', '/reply-rules');
  await inside('PATCH', '/reply-rules', { exchanges_limit: 4, order_patterns: ['T-[0-9]+'] });
  await inside('PUT', `/voice-guides/${shop.account.id}`, { guide: 'Warm and short.' });
  await inside('PUT', '/voice-guides/shared', { word_choice: [{ word: 'user', instead: 'customer' }] });
  await inside('GET', '/voice-guides');
  await inside('DELETE', `/voice-guides/${shop.account.id}`);
  const way = (await inside('GET', `/cases/${row.id}`)).body.can_reply[0];
  await walk_reply_kit(inside, row, way, upload);
  const draft = {
    account_id: way.account_id,
    target_post_id: way.target_post_id,
    text: 'The user gets a full refund.',
  };
  await inside('POST', `/cases/${row.id}/reply-checks`, draft);
  await inside('POST', `/cases/${row.id}/replies`, { ...draft, request_id: 'refused' });
  for (const action of ['withdraw', 'send-back', 'approve']) {
    const asked = { ...draft, request_id: action };
    const { approval } = (await agent.in('POST', `/cases/${row.id}/approvals`, asked)) ?? {};
    await inside('GET', '/approvals');
    await inside('GET', `/approvals/${approval.id}`);
    if (action === 'withdraw') await agent.in('POST', `/approvals/${approval.id}/withdraw`);
    else if (action === 'send-back')
      await inside('POST', `/approvals/${approval.id}/send-back`, { note: 'Name the day.' });
    else await inside('POST', `/approvals/${approval.id}/approve`, { seen_post_id: approval.newest_post_id });
  }
  await inside('GET', '/approvals?state=returned');
  await inside('POST', `/cases/${row.id}/compose-link`, { ...draft, text: 'Soon.', request_id: 'by hand' });
  await inside('POST', `/replies/${reply.id}/done-there`, {});
  await inside('GET', `/posts/${way.target_post_id}/files/0`);
  await inside('GET', `/accounts/${shop.account.id}/connection`);
  await inside('POST', '/accounts/sign-in', { network: 'open' });
  await inside('GET', `/accounts/${shop.account.id}/deliveries`);
  await inside('POST', `/accounts/${shop.account.id}/deliveries/${reply.id}/resend`, {});
  const [post] = (await inside('GET', `/cases/${row.id}/timeline`)).body.items.filter(
    (item) => item.type === 'post',
  );
  await inside('GET', `/posts/${post.id}/triage`);
  for (const action of ['like', 'unlike', 'repost', 'unrepost', 'hide', 'unhide']) {
    await inside('POST', `/posts/${post.id}/${action}`, { account_id: shop.account.id });
  }
  await inside('GET', `/posts/${post.id}/why`);
  await inside('DELETE', `/posts/${post.id}`);
  const note = (await inside('POST', `/cases/${row.id}/notes`, { text: 'Another.' })).body;
  await inside('DELETE', `/notes/${note.id}`);
  await inside('POST', `/cases/${row.id}/assign`, { user_id: agent.me.id });
  await inside('POST', `/cases/${row.id}/snooze`, { until: new Date(Date.now() + 3_600_000).toISOString() });
  await inside('POST', `/cases/${row.id}/open`, {});
  await inside('POST', `/cases/${row.id}/resolve`, {});
  const dismissed = await inside('POST', `/cases/${row.id}/dismiss`, { reason: 'spam' });
  await inside('POST', `/cases/${row.id}/undo`, { event_seq: dismissed.body.event_seq });
  await inside('PUT', `/cases/${row.id}/tags`, { tags: ['tap'] });
  await inside('PUT', `/cases/${row.id}/tags`, { add: ['drip'], remove: ['tap'] });
  await inside('PATCH', `/cases/${row.id}`, { title: 'A dripping tap' });
  await inside('PUT', `/cases/${row.id}/draft`, { kind: 'reply', text: 'Half a', attachment_ids: [] });
  await inside('GET', `/cases/${row.id}`);
  await inside('DELETE', `/cases/${row.id}/draft?kind=reply`);
  await inside('POST', `/cases/${row.id}/presence`, { state: 'looking' });
  await inside('GET', `/people/${row.person_id}`);
  await inside('PATCH', `/people/${row.person_id}`, { note: 'Prefers the phone.' });
  await inside('POST', `/people/${row.person_id}/refresh`, {});
  await walk_the_card(inside, row, (await owner.case_with('number two')).person_id);
  const calendars = [{ key: 'always', time_zone: 'Asia/Tokyo', always_open: true }];
  const policies = [{ key: 'default', calendar: 'always', first_reply: { inside_minutes: 30 } }];
  await inside('GET', '/promises');
  await inside('PUT', '/promises', { version: 0, calendars, policies });
  await inside('GET', '/promises/history');
  await inside('POST', '/promises/preview', { calendars, policies, priority: 'high' });
  await inside('GET', '/promises/holidays?year=2026');
  const shift = { user_id: owner.me.id, weekday: 1, from: '09:00', to: '18:00' };
  await inside('PUT', '/roster', { version: 0, time_zone: 'Asia/Tokyo', shifts: [shift], leaves: [] });
  await inside('GET', '/roster');
  await inside('GET', `/cases/${row.id}/promises`);
  await inside('GET', '/order');
  await inside('POST', '/order/preview', { danger: 300 });
  await inside('PUT', '/order', { version: 0, danger: 300 });
  await inside('POST', '/cases/next', {});
  await inside('POST', `/cases/${row.id}/opinion`, { note: 'For us?' });
  await inside('DELETE', `/cases/${row.id}/opinion`);
  await inside('POST', `/cases/${row.id}/watch`, { reason: 'later' });
  await inside('POST', `/cases/${row.id}/open`, {});
  const team = (await inside('POST', '/teams', { name: 'Support', member_ids: [agent.me.id] })).body;
  await inside('PATCH', `/teams/${team.id}`, { assigning: 'by_load', escalation_minutes: 60 });
  await inside('PATCH', `/work/${agent.me.id}`, { capacity: 5, skills: ['taps'], away_until: null });
  await inside('PUT', '/team_settings', { claim_on_open: true });
  await inside('GET', '/teams');
  const conditions = [{ field: 'status', values: ['open'] }];
  const actions = [
    { do: 'add_tags', tags: ['tap'] },
    { do: 'note', text: 'Look.' },
  ];
  const trigger = { on: 'customer_wrote' };
  for (const [kind, body] of Object.entries({
    macros: { actions },
    views: { conditions },
    rules: { trigger, conditions, actions },
  })) {
    const one = (await inside('POST', `/${kind}`, { name: kind, shared: true, ...body })).body;
    await inside('GET', `/${kind}`);
    await inside('PATCH', `/${kind}/${one.id}`, { name: `${kind} again`, version: one.version });
    if (kind === 'views') await inside('GET', `/cases?view=saved:${one.id}`);
    await inside('DELETE', `/${kind}/${one.id}`);
  }
  await inside('GET', '/views/counts');
  await inside('POST', '/rules/dry-run', { trigger, conditions, actions, days: 3 });
  await inside('POST', '/acts/preview', { actions, case_ids: [row.id, '999'] });
  const act = (await inside('POST', '/acts', { actions, case_ids: [row.id, '999'] })).body;
  await inside('GET', '/acts?source=bulk');
  await inside('POST', '/acts/preview', { actions, view: 'now', request_id: 'look' });
  await inside('GET', `/cases?view=due:overdue`);
  await inside('GET', `/cases?view=due:failed`);
  await inside('GET', `/acts/${act.id}`);
  await inside('GET', `/acts/${act.id}/cases?limit=1`);
  await inside('POST', `/acts/${act.id}/cancel`);
  await inside('POST', `/acts/${act.id}/undo`);
  await inside('POST', `/cases/${row.id}/claim`, {});
  await inside('POST', `/cases/${row.id}/handover`, { team_id: team.id, note: 'Please look.' });
  const escalation = (
    await inside('POST', `/cases/${row.id}/escalations`, { team_id: team.id, note: 'Why?' })
  ).body;
  await inside('PATCH', `/escalations/${escalation.id}`, { state: 'done', tracker_status: 'Closed' });
  await inside('PUT', `/cases/${row.id}/follow`, { on: true });
  await inside('GET', `/cases/${row.id}/teamwork`);
  await inside('GET', `/tags?case_id=${row.id}&prefix=t`);
  await inside('DELETE', `/teams/${team.id}`);
  await inside('GET', '/search?q=drips');
  await inside('GET', '/journal/failures');
  await inside('POST', '/journal/replay', {});
  await inside('POST', '/journal/failures/1/replay', {});
  await inside('GET', '/stream');
  await walk_the_chat(inside);
  await inside('GET', '/sample');
  await inside('POST', '/sample', { speed: 1000 });
  await inside('GET', '/sample');
  await inside('DELETE', '/sample');
  const live = await owner.live();
  exchanges.push({
    method: 'GET',
    path: `/api/v1/workspaces/${owner.workspace}/live`,
    status: live.status,
    type: live.type,
    body: null,
  });
  await live.close();
  const puller = await desk.open_account(owner, { name: 'Puller' });
  await puller.program.post('/open/posts', open_post('pull'));
  const pulled = await owner.case_with('number pull');
  await owner.reply(pulled.id, 'Fetch me.');
  const { items } = await until('a reply to fetch', async () => {
    const page = await puller.program.get('/open/replies');
    return page.items.length > 0 && page;
  });
  await puller.program.post(`/open/replies/${items[0].id}/ack`, {
    external_id: 'x',
    url: 'https://example.com/x',
  });
  await puller.program.post('/open/deletions', { external_id: 'post-pull' });
  await inside('DELETE', `/accounts/${puller.account.id}`);
  const second = (
    await owner.send('POST', '/api/v1/workspaces', { name: 'Tea', time_zone: 'Asia/Tokyo', language: 'ja' })
  ).body;
  assert.ok(second.id);
  await inside('DELETE', `/topics/${topic.id}`);
  await inside('POST', `/topics/${topic.id}/restore`);
  await inside('DELETE', `/members/${agent.me.id}`);
  await owner.send('POST', '/api/v1/me/password', { current: password, new: `${password}!` });
  await owner.send('GET', '/api/v1/openapi.json');
  await owner.send('DELETE', '/api/v1/session');
  assert.ok(
    exchanges.every((exchange) => exchange.status < 500 || exchange.status === 503),
    'no server fault on the walk',
  );
});

// Saved replies, assets, rewards, and what the composer has at hand.
async function walk_reply_kit(inside, row, way, upload) {
  const form = { key: 'form', kind: 'link', variants: [{ text: 'https://example.com/form' }] };
  const asset = (await inside('POST', '/reply-assets', form)).body;
  await inside('POST', '/reply-assets', { key: 'dot', kind: 'image', attachment_id: upload.id });
  await inside('GET', '/reply-assets');
  await inside('PATCH', `/reply-assets/${asset.id}`, { name: 'The form' });
  const text = 'Dear {{customer.name|customer}}, fill in {{asset:form}}. {{asset:dot}}';
  const saved = (await inside('POST', '/saved-replies', { name: 'Form', code: 'form', variants: [{ text }] }))
    .body;
  await inside('GET', '/saved-replies');
  await inside('PATCH', `/saved-replies/${saved.id}`, { is_thanks: true, version: saved.version });
  await inside('GET', '/saved-replies/results');
  const document = (await inside('GET', '/saved-replies/export')).body;
  await inside('POST', '/saved-replies/import?dry_run=true', document);
  const list = (await inside('POST', '/reward-lists', { key: 'spring', name: 'Spring' })).body;
  await inside('GET', '/reward-lists');
  await inside('PATCH', `/reward-lists/${list.id}`, { warn_below: 1 });
  await inside('POST', `/reward-lists/${list.id}/codes`, { text: 'A-1\nA-2' });
  await inside('POST', `/cases/${row.id}/rewards/${list.id}`, { target_post_id: way.target_post_id });
  await inside('DELETE', `/cases/${row.id}/rewards/${list.id}`);
  const query = `target_post_id=${way.target_post_id}&account_id=${way.account_id}`;
  await inside('GET', `/cases/${row.id}/reply-kit?${query}`);
  await inside('GET', `/cases/${row.id}/saved-replies?${query}&q=form`);
  const thanks = { account_id: way.account_id, request_id: 'thanks' };
  await inside('POST', `/posts/${way.target_post_id}/thank`, thanks);
  await inside('GET', `/reward-lists/${list.id}/given`);
  await inside('DELETE', `/reward-lists/${list.id}`);
  await inside('DELETE', `/reply-assets/${asset.id}`);
  await inside('DELETE', `/saved-replies/${saved.id}`);
}

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        ...operation,
        parameters: undefined,
      })),
  );
}

// Paths of the document may or may not carry the base of `servers`.
function matcher(path) {
  const base = new URL(api.servers?.[0]?.url ?? '/', 'http://x').pathname.replace(/\/$/, '');
  const whole = path.startsWith('/api/') ? path : base + path;
  return new RegExp(`^${whole.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

test('every described route was asked, every asked route is described, and all keep to their schemas', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  add_formats(ajv);
  ajv.addSchema(api, 'api');
  const schemas = new Map();
  const check = (schema, value, what) => {
    let validate = schemas.get(schema);
    if (!validate) {
      validate = ajv.compile({ $id: `s${schemas.size}`, ...rebased(schema) });
      schemas.set(schema, validate);
    }
    return validate(value) ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`];
  };
  const known = operations().map((operation) => ({
    ...operation,
    pattern: matcher(operation.path),
    seen: new Set(),
  }));
  known.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  const found = [];
  for (const { method, path, request, status, type, body } of exchanges) {
    const what = `${method} ${path.replace(/\d{6,}/g, 'ID')} ${status}`;
    const operation = known.find(
      (entry) => entry.method === method && entry.pattern.test(path.split('?')[0]),
    );
    if (!operation) {
      found.push(`${what}: not described`);
      continue;
    }
    operation.seen.add(status);
    const answer = resolved(
      operation.responses[status] ??
        operation.responses[`${String(status)[0]}XX`] ??
        operation.responses.default,
    );
    if (!answer) {
      found.push(`${what}: this status is not described`);
      continue;
    }
    const media = Object.entries(answer.content ?? {}).find(([name]) => fits(name, type ?? ''));
    if (answer.content && !media && status !== 204) found.push(`${what}: ${type} is not described`);
    if (media?.[1].schema && body !== null) found.push(...check(media[1].schema, body, what));
    const wanted = resolved(operation.requestBody)?.content?.['application/json']?.schema;
    if (wanted && status < 300 && request !== undefined)
      found.push(...check(wanted, request, `${what} (request)`));
  }
  for (const { method, path, seen } of known)
    if (seen.size === 0) found.push(`${method} ${path}: never asked`);
  assert.deepEqual([...new Set(found)], []);
});

// Media ranges: "image/*" covers image/png.
function fits(name, type) {
  return name.endsWith('*') ? type.startsWith(name.split('*')[0]) : type.startsWith(name);
}

function resolved(value) {
  return value?.$ref
    ? value.$ref
        .slice(2)
        .split('/')
        .reduce((inner, key) => inner[key], api)
    : value;
}

// "#/components/…" inside a schema means the document, not the schema.
function rebased(schema) {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components'));
}
