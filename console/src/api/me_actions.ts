// Changes to myself: shown at once, then kept by the server.
import type { QueryClient } from '@tanstack/react-query';
import { show_toast } from '../ui/toast_store';
import { patch } from './client';
import { key } from './keys';
import type { Me } from './types';
import { words_of } from './words_of';

type Change = Partial<Pick<Me, 'name' | 'initials' | 'language' | 'preferences'>>;
export async function save_me(cache: QueryClient, change: Change): Promise<void> {
  const old = cache.getQueryData<Me>(key.me);
  if (old) cache.setQueryData<Me>(key.me, { ...old, ...change });
  try {
    const now = await patch<Me>('/me', change);
    cache.setQueryData<Me>(key.me, (me) =>
      me ? { ...me, ...now, csrf_token: now.csrf_token || me.csrf_token } : now,
    );
  } catch (error) {
    if (old) cache.setQueryData(key.me, old);
    show_toast({
      text: 'toast.refused',
      tone: 'act',
      params: { why: words_of(error), number: '' },
    });
  }
}
