// Light, dark, or what the system says; kept in the browser so that the first paint is right.
import type { Preferences } from '../api/types';

type Theme = NonNullable<Preferences['theme']>;
const system = window.matchMedia('(prefers-color-scheme: dark)');
let chosen: Theme = (localStorage.getItem('kiki.theme') as Theme | null) ?? 'system';

function apply(): void {
  const dark = chosen === 'dark' || (chosen === 'system' && system.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
export function use_theme(theme?: Theme): void {
  if (theme) {
    chosen = theme;
    localStorage.setItem('kiki.theme', theme);
  }
  apply();
}
system.addEventListener('change', apply);
