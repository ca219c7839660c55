// The form of a mail as React elements. The server has made the markup safe; here it is read a second time by a short
// list of its own, and nothing of a mail is ever handed to the page as markup.
import { createElement, type ReactNode } from 'react';
import type { Attachment } from '../api/types';

const allowed = new Set(
  `a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins li ol p pre s small strike strong sub
  sup table tbody td tfoot th thead tr u ul`.split(/\s+/),
);
const empty = new Set(['br', 'hr']);
// Space between rows is none to a browser, and an error to React.
const structure = new Set(['table', 'tbody', 'thead', 'tfoot', 'tr']);
const depth_limit = 200;

const span = (element: Element, name: string): number | undefined => {
  const count = Number(element.getAttribute(name));
  return Number.isInteger(count) && count > 1 && count < 100 ? count : undefined;
};

function attributes(element: Element, tag: string): Record<string, unknown> {
  const direction = element.getAttribute('dir');
  const props: Record<string, unknown> = {};
  if (direction === 'rtl' || direction === 'ltr') props.dir = direction;
  if (tag === 'td' || tag === 'th') {
    props.colSpan = span(element, 'colspan');
    props.rowSpan = span(element, 'rowspan');
  }
  const url = element.getAttribute('href') ?? '';
  if (tag === 'a' && /^(https?:\/\/|mailto:|tel:)/i.test(url)) {
    props.href = url;
    props.target = '_blank';
    props.rel = 'noopener noreferrer nofollow';
    props.title = url;
  }
  return props;
}

// A picture that came along in the mail lies with us; its place is named by number, never by an address.
function picture(element: Element, files: Attachment[], at: number): ReactNode {
  const alt = element.getAttribute('alt') ?? '';
  const file = files[Number(element.getAttribute('data-file') ?? '-1')];
  if (file?.kind !== 'image' || file.state !== 'kept' || !file.file_url) return alt && `[${alt}]`;
  return createElement('img', { key: at, src: file.file_url, alt, loading: 'lazy', decoding: 'async' });
}

function nodes(parent: Element, depth: number, files: Attachment[]): ReactNode[] {
  if (depth > depth_limit) return [];
  const inside = structure.has(parent.tagName.toLowerCase());
  return [...parent.childNodes].flatMap((node, index): ReactNode[] => {
    if (node.nodeType === Node.TEXT_NODE) return inside ? [] : [node.textContent];
    if (!(node instanceof Element)) return [];
    const tag = node.tagName.toLowerCase();
    if (tag === 'img') return [picture(node, files, index)];
    if (!allowed.has(tag)) return nodes(node, depth + 1, files);
    const props = { ...attributes(node, tag), key: index };
    return [
      empty.has(tag)
        ? createElement(tag, props)
        : createElement(tag, props, ...nodes(node, depth + 1, files)),
    ];
  });
}

export function SafeMarkup({ html, files }: { html: string; files: Attachment[] }) {
  // A document of its own: it runs no script and fetches nothing.
  return nodes(new DOMParser().parseFromString(html, 'text/html').body, 0, files);
}
