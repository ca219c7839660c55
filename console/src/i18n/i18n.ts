// The console's words. Both languages are loaded as their own chunk; a change of language is live.
import { useSyncExternalStore } from 'react';
import type en from '../../../i18n/en.json';
import type { Language } from '../api/types';
import { fill, type Params } from './message';

export type Key = keyof typeof en;
type Messages = Record<Key, string>;

let language: Language = 'ja';
let messages = {} as Messages;
let version = 0;
const listeners = new Set<() => void>();

const load: Record<Language, () => Promise<{ default: Messages }>> = {
  ja: () => import('../../../i18n/ja.json'),
  en: () => import('../../../i18n/en.json'),
};

export function guess_language(): Language {
  const kept = localStorage.getItem('kiki.language');
  if (kept === 'ja' || kept === 'en') return kept;
  return navigator.language.startsWith('ja') ? 'ja' : 'en';
}
export async function use_language(next: Language): Promise<void> {
  if (version > 0 && next === language) return;
  const loaded = (await load[next]()).default;
  language = next;
  messages = loaded;
  version++;
  localStorage.setItem('kiki.language', next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

export function t(key: Key, params?: Params): string {
  const message = messages[key];
  return message === undefined ? key : fill(message, params, language);
}
// For names that come from the server (a network we have no words for): the fallback instead of the key.
export function t_or(key: string, fallback: string, params?: Params): string {
  const message = (messages as Record<string, string>)[key];
  return message === undefined ? fallback : fill(message, params, language);
}
export function current_language(): Language {
  return language;
}
// Call once near the root: everything below is drawn again when the language changes.
export function useLanguage(): Language {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  return language;
}
export const plain_number = (value: number): string => new Intl.NumberFormat(language).format(value);
export function network_name(network: string): string {
  return t_or(`network.${network}.name`, network.charAt(0).toUpperCase() + network.slice(1));
}
