// Fills one message: {name}, {count, plural, one {# case} other {# cases}}. Small on purpose; the server has the same.
export type Params = Record<string, string | number>;

const wide = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;

function close(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

export function fill(message: string, params: Params = {}, language = 'en'): string {
  let out = '';
  for (let at = 0; at < message.length; at++) {
    const letter = message[at]!;
    if (letter !== '{') {
      out += letter;
      continue;
    }
    const end = close(message, at);
    if (end < 0) return out + message.slice(at);
    const [name = '', kind, ...rest] = message.slice(at + 1, end).split(',');
    const value = params[name.trim()];
    if (kind?.trim() === 'plural') out += plural(rest.join(','), Number(value ?? 0), params, language);
    else {
      const text = value === undefined ? '' : typeof value === 'number' ? number(value, language) : value;
      // Japanese leaves a space beside Latin letters only: "X で", but "メールで".
      if (wide.test(text.charAt(0)) && / $/.test(out) && wide.test(out.at(-2) ?? '')) out = out.slice(0, -1);
      out += text;
      const close_up =
        wide.test(text.at(-1) ?? '') && message[end + 1] === ' ' && wide.test(message[end + 2] ?? '');
      at = close_up ? end + 1 : end;
      continue;
    }
    at = end;
  }
  return out;
}

function number(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

function plural(cases: string, count: number, params: Params, language: string): string {
  const forms: Record<string, string> = {};
  for (let at = 0; at < cases.length; at++) {
    const open = cases.indexOf('{', at);
    if (open < 0) break;
    const end = close(cases, open);
    if (end < 0) break;
    forms[cases.slice(at, open).trim()] = cases.slice(open + 1, end);
    at = end;
  }
  const form = forms[`=${count}`] ?? forms[new Intl.PluralRules(language).select(count)] ?? forms.other ?? '';
  return fill(form.replaceAll('#', number(count, language)), params, language);
}
