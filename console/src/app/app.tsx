// From the address to the screen; who is not signed in comes to the door first.
import { lazy, Suspense, useEffect } from 'react';
import { ApiError, call, set_csrf_token } from '../api/client';
import { ws_path } from '../api/keys';
import { useMe } from '../api/queries';
import type { Counts, Id, Me } from '../api/types';
import { use_language, useLanguage } from '../i18n/i18n';
import { Failed, Loading } from '../ui/state';
import { Toasts } from '../ui/toasts';
import { Door } from './door';
import { go, inbox_path, settings_path, useRoute } from './router';
import { use_theme } from './theme';
import { WorkspaceScreen } from './workspace_screen';

const Setup = lazy(() => import('../first_run/setup'));
const Invite = lazy(() => import('../first_run/invite'));

export function App() {
  useLanguage(); // everything below is drawn again in the new language
  return (
    <>
      <Suspense fallback={<Loading rows={3} />}>
        <Pages />
      </Suspense>
      <Toasts />
    </>
  );
}

function Pages() {
  const route = useRoute();
  const me = useMe();
  if (me.data) set_csrf_token(me.data.csrf_token);
  useEffect(() => {
    if (me.data) follow(me.data);
  }, [me.data]);
  if (route.page === 'setup') return <Setup token={route.token} />;
  if (route.page === 'invite') return <Invite token={route.token} />;
  if (route.page === 'login' && route.token) return <Door link_token={route.token} />;
  if (me.isPending) return <Loading rows={3} />;
  if (me.error instanceof ApiError && me.error.status === 401) return <Door />;
  if (me.error && !me.data) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return null;
  return <Inside me={me.data} />;
}

function follow(me: Me): void {
  void use_language(me.language);
  use_theme(me.preferences.theme ?? 'system');
  document.documentElement.dataset.density = me.preferences.density ?? 'comfortable';
}

// The day begins with one's own queue; when it is empty, with what waits for anybody.
async function begin(ws: Id): Promise<void> {
  const counts = await call<Counts>(ws_path(ws, '/cases/counts')).catch(() => null);
  go(inbox_path(ws, counts && counts.mine > 0 ? 'mine' : 'now'), { replace: true });
}

// The last workspace somebody worked in is where they come back to.
function Inside({ me }: { me: Me }) {
  const route = useRoute();
  const asked = 'workspace' in route ? route.workspace : null;
  const known = me.workspaces.find((one) => one.id === asked);
  const home =
    me.workspaces.find((one) => one.id === localStorage.getItem('kiki.workspace')) ?? me.workspaces[0];
  useEffect(() => {
    if (known) localStorage.setItem('kiki.workspace', known.id);
    else if (asked === null && home) {
      // Back from a network's page with an attempt that we do not know any more: the accounts' page says so.
      const told = new URLSearchParams(window.location.search).get('sign_in');
      if (told)
        go(`${settings_path(home.id, 'accounts')}?sign_in=${encodeURIComponent(told)}`, { replace: true });
      else void begin(home.id);
    }
  }, [known, asked, home]);
  if (known) return <WorkspaceScreen key={known.id} me={me} ws={known.id} />;
  if (asked === null && home) return null;
  return (
    <Failed
      error={new ApiError({ type: '', title: '', detail: '', status: home ? 404 : 403 })}
      retry={() => window.location.assign('/')}
    />
  );
}
