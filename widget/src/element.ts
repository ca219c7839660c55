// A few lines instead of a framework.

type Props = Record<string, string | boolean | number | undefined>;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, props);
  element.append(...inside);
  return element;
}
// Text stays text: nothing here reads markup.
export function set(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}
const svg = 'http://www.w3.org/2000/svg';
export function icon(path: string): SVGElement {
  const drawing = document.createElementNS(svg, 'svg');
  set(drawing, { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' });
  const line = document.createElementNS(svg, 'path');
  line.setAttribute('d', path);
  drawing.append(line);
  return drawing;
}

export type Words = Record<string, string>;
export const fill = (text: string | undefined, gaps: Record<string, string | number> = {}): string =>
  (text ?? '').replace(/\{(\w+)\}/g, (_, name: string) => String(gaps[name] ?? ''));

// The script's own tag, and a shadow root in its place or at the end of the page.
export function root_for(script: HTMLScriptElement, css: string, target: string | undefined): ShadowRoot {
  const host = make('div');
  const place = target ? document.querySelector(target) : null;
  if (place) place.append(host);
  else if (script.dataset.reach && !script.dataset.page) script.after(host);
  else document.body.append(host);
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}

// The page's language unless the tag says another.
export const language_of = (script: HTMLScriptElement): 'ja' | 'en' =>
  (script.dataset.lang || document.documentElement.lang || navigator.language).startsWith('ja') ? 'ja' : 'en';
