// X's own pages and token endpoints: OAuth 2.0 with PKCE (a code that lives 30 seconds and is good once, refresh tokens
// that rotate), and OAuth 1.0a. Who `fake.agrees` is agrees at once; nobody: they decline.
import { createHash, createHmac, randomBytes } from 'node:crypto';

const code_lives_ms = 30_000;

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const word = () => randomBytes(16).toString('base64url');
const refused = (error) => ({ status: 400, body: { error, error_description: error } });
const redirect = (to, values) => {
  const url = new URL(to);
  for (const [key, value] of Object.entries(values)) url.searchParams.set(key, value);
  return { status: 302, headers: { location: url.href }, body: {} };
};

// The parts of an OAuth 1.0a header when its signature is right.
export function signed_parts(fake, request, url, { consumer_secret, token_secret = '' }) {
  const header = request.headers.authorization ?? '';
  if (!header.startsWith('OAuth ')) return undefined;
  const given = Object.fromEntries(
    [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, decodeURIComponent(value)]),
  );
  const { oauth_signature: signature, ...rest } = given;
  const pairs = [...Object.entries(rest), ...url.searchParams].map(([k, v]) => [encode(k), encode(v)]);
  pairs.sort((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1));
  const joined = pairs.map((pair) => pair.join('=')).join('&');
  const base = [request.method, encode(fake.url + url.pathname), encode(joined)].join('&');
  const right = createHmac('sha1', `${encode(consumer_secret)}&${encode(token_secret)}`)
    .update(base)
    .digest('base64');
  // X takes a time that is at most five minutes away from its own.
  const in_time = Math.abs(Number(given.oauth_timestamp) - fake.now() / 1000) < 300;
  return right === signature && in_time ? given : undefined;
}

export class SignIn {
  client = { id: 'client-id', secret: 'client-secret' };
  app = { consumer_key: 'consumer-key', consumer_secret: 'consumer-secret' };
  agrees = null; // a user
  codes = new Map();
  refresh_tokens = new Map(); // → user id
  requests = new Map(); // OAuth 1.0a: request token → {secret, callback, verifier, user}

  // An answer, or nothing when this is another call.
  answer(fake, call, request, url, body) {
    const query = url.searchParams;
    if (call === 'GET /i/oauth2/authorize') {
      const back = query.get('redirect_uri');
      const state = query.get('state');
      const wanted = query.get('client_id') === this.client.id && query.get('code_challenge_method') === 'S256';
      if (!wanted || query.get('response_type') !== 'code') return refused('invalid_request');
      if (!this.agrees) return redirect(back, { error: 'access_denied', state });
      const code = word();
      this.codes.set(code, { challenge: query.get('code_challenge'), back, user: this.agrees, at: Date.now() });
      return redirect(back, { code, state });
    }
    // The app's own token, for its consumer key and secret.
    if (call === 'POST /oauth2/token')
      return { status: 200, body: { token_type: 'bearer', access_token: fake.bearer } };
    if (call === 'POST /2/oauth2/token') return this.#token(fake, request, new URLSearchParams(body));
    if (call === 'POST /oauth/request_token') {
      const parts = signed_parts(fake, request, url, this.app);
      if (parts?.oauth_consumer_key !== this.app.consumer_key) return { status: 401, body: {} };
      const token = word();
      const secret = word();
      this.requests.set(token, { secret, callback: parts.oauth_callback });
      return this.#form({ oauth_token: token, oauth_token_secret: secret, oauth_callback_confirmed: 'true' });
    }
    if (call === 'GET /oauth/authorize') {
      const token = query.get('oauth_token');
      const known = this.requests.get(token);
      if (!known) return refused('no such token');
      if (!this.agrees) return redirect(known.callback, { denied: token });
      Object.assign(known, { verifier: word(), user: this.agrees });
      return redirect(known.callback, { oauth_token: token, oauth_verifier: known.verifier });
    }
    if (call === 'POST /oauth/access_token') {
      for (const [token, known] of this.requests) {
        const parts = signed_parts(fake, request, url, { ...this.app, token_secret: known.secret });
        if (parts?.oauth_token !== token || parts.oauth_verifier !== known.verifier) continue;
        this.requests.delete(token);
        fake.pasted_tokens(known.user);
        return this.#form({ oauth_token: fake.oauth1.token, oauth_token_secret: fake.oauth1.token_secret });
      }
      return { status: 401, body: {} };
    }
    return undefined;
  }
  #form(values) {
    return { status: 200, text: new URLSearchParams(values).toString() };
  }
  #token(fake, request, form) {
    const basic = `Basic ${Buffer.from(`${this.client.id}:${this.client.secret}`).toString('base64')}`;
    if (request.headers.authorization !== basic) return { status: 401, body: { error: 'unauthorized_client' } };
    let user;
    if (form.get('grant_type') === 'authorization_code') {
      const known = this.codes.get(form.get('code'));
      this.codes.delete(form.get('code'));
      const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
      const good = known?.challenge === challenge && known.back === form.get('redirect_uri');
      if (!good || Date.now() - known.at > code_lives_ms) return refused('invalid_grant');
      user = known.user.id;
    } else {
      user = this.refresh_tokens.get(form.get('refresh_token'));
      this.refresh_tokens.delete(form.get('refresh_token'));
      if (!user) return refused('invalid_grant');
    }
    const access_token = word();
    const refresh_token = word();
    fake.tokens.set(access_token, user);
    this.refresh_tokens.set(refresh_token, user);
    const scope = 'tweet.read tweet.write users.read dm.read dm.write offline.access';
    return { status: 200, body: { token_type: 'bearer', expires_in: 7200, access_token, refresh_token, scope } };
  }
}
