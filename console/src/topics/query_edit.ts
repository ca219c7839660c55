// A term more, or a term to leave out, put into the query so that the rest keeps its meaning.
import { colours } from './query_colours';

// Does an OR stand outside of all brackets? Then what comes behind must not bind to its last part alone.
function has_open_or(query: string): boolean {
  let depth = 0;
  for (const { text, ink } of colours(query)) {
    if (ink === 'bracket') depth += text === '(' || text === '（' ? 1 : -1;
    if (ink === 'operator' && text === 'OR' && depth === 0) return true;
  }
  return false;
}
// Is it nothing but an OR of parts, or one part?
function is_alternatives(query: string): boolean {
  let depth = 0;
  let before: string | null = null;
  for (const { text, ink } of colours(query)) {
    if (ink === 'plain') continue;
    if (ink === 'bracket') {
      const opens = text === '(' || text === '（';
      if (opens && depth === 0 && before !== null && before !== 'OR') return false;
      depth += opens ? 1 : -1;
      if (depth === 0) before = ')';
      continue;
    }
    if (depth > 0) continue;
    if (ink === 'not' || (ink === 'operator' && text !== 'OR')) return false;
    if (ink !== 'operator' && before !== null && before !== 'OR') return false;
    before = ink === 'operator' ? 'OR' : text;
  }
  return true;
}
export function with_term(query: string, term: string): string {
  const whole = query.trim();
  if (whole === '') return term;
  if (is_alternatives(whole)) return `${whole} OR ${term}`;
  // (a OR b) -c: the new term belongs to the first brackets, so that -c goes on for it.
  const first = /^\(([^()]*)\)(?=\s|$)/.exec(whole);
  if (first && is_alternatives(first[1]!)) return `(${first[1]} OR ${term})${whole.slice(first[0].length)}`;
  return `(${whole}) OR ${term}`;
}
export function without_term(query: string, term: string): string {
  const whole = query.trim();
  return has_open_or(whole) ? `(${whole}) -${term}` : `${whole} -${term}`;
}
