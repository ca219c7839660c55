// A provider of OAuth 2.0 for mailboxes: codes with PKCE, refresh tokens that are good for one use, and an answer for
// the mail server that asks whether a token is good (RFC 7662).
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

export class OAuthProvider {
  static async start({ client_id = 'desk', client_secret = 'secret of the app', lives_s = 3600 } = {}) {
    const provider = new OAuthProvider();
    Object.assign(provider, { client_id, client_secret, lives_s, codes: new Map(), access: new Map() });
    provider.refresh = undefined;
    provider.renewals = 0;
    provider.faults = []; // how the next questions for tokens are answered instead: 503, 429
    provider.server = createServer((request, response) => provider.answer(request, response));
    await new Promise((done) => provider.server.listen(0, '127.0.0.1', done));
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  // The owner of `user`'s mailbox agrees: where their browser is sent to.
  agree(authorize_url, user) {
    const asked = new URL(authorize_url).searchParams;
    const code = randomBytes(12).toString('hex');
    this.codes.set(code, { user, challenge: asked.get('code_challenge'), back: asked.get('redirect_uri') });
    return { code, state: asked.get('state') };
  }
  // All that was given is worth nothing any more.
  revoke() {
    this.access.clear();
    this.refresh = undefined;
  }
  // Access tokens end before their time; the permission stands.
  expire() {
    this.access.clear();
  }

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    const say = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.pathname === '/introspect') {
      const user = this.access.get(url.searchParams.get('token'));
      return say(200, user ? { active: true, email: user } : { active: false });
    }
    const fault = this.faults.shift();
    if (fault) return say(fault, { error: 'temporarily_unavailable' });
    let text = '';
    for await (const part of request) text += part;
    const form = new URLSearchParams(text);
    if (form.get('client_id') !== this.client_id || form.get('client_secret') !== this.client_secret)
      return say(401, { error: 'invalid_client' });
    let user;
    if (form.get('grant_type') === 'authorization_code') {
      const given = this.codes.get(form.get('code'));
      this.codes.delete(form.get('code'));
      const proof = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
      if (!given || given.challenge !== proof || given.back !== form.get('redirect_uri'))
        return say(400, { error: 'invalid_grant' });
      user = given.user;
    } else {
      if (!this.refresh || form.get('refresh_token') !== this.refresh.token)
        return say(400, { error: 'invalid_grant' });
      user = this.refresh.user;
      this.renewals += 1;
    }
    const token = randomBytes(24).toString('base64url');
    this.access.set(token, user);
    this.refresh = { token: randomBytes(24).toString('base64url'), user };
    return say(200, {
      access_token: token,
      refresh_token: this.refresh.token,
      token_type: 'Bearer',
      expires_in: this.lives_s,
    });
  }
  stop() {
    return new Promise((done) => {
      this.server.closeAllConnections();
      this.server.close(done);
    });
  }
}
