// What became of connecting on the network's page: told once, where the browser came back to.
import { useEffect, useState } from 'react';
import { t, t_or } from '../i18n/i18n';
import page from './account_page.module.css';

export function SignInResult() {
  const [word] = useState(() => new URLSearchParams(window.location.search).get('sign_in') ?? '');
  useEffect(() => {
    // Looked at again later it would not be true any more.
    if (word) window.history.replaceState(window.history.state, '', window.location.pathname);
  }, [word]);
  if (!/^[a-z_]{1,40}$/.test(word)) return null;
  const good = word === 'connected' || word === 'connected_again';
  return (
    <p className={good ? page.good : page.problem} role={good ? 'status' : 'alert'}>
      {t_or(`sign_in.${word}`, t('sign_in.failed'))}
    </p>
  );
}
