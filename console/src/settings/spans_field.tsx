// Opening hours of one day as a line of text; what cannot be read is said beside it and not taken over.
import { useState } from 'react';
import type { OpenSpan } from '../api/types';
import { t } from '../i18n/i18n';
import { Field } from '../ui/field';
import { parse_spans, spans_text } from './spans_text';

interface Props {
  label: string;
  spans: OpenSpan[];
  empty?: string; // what no span means
  on_change: (spans: OpenSpan[]) => void;
}
export function SpansField({ label, spans, empty = t('promise.closed'), on_change }: Props) {
  const [typed, set_typed] = useState<string | null>(null);
  const wrong = typed !== null && parse_spans(typed) === null;
  return (
    <Field
      label={label}
      value={typed ?? spans_text(spans)}
      placeholder={empty}
      error={wrong ? t('promise.hours.wrong') : undefined}
      onChange={(event) => {
        set_typed(event.target.value);
        const parsed = parse_spans(event.target.value);
        if (parsed) on_change(parsed);
      }}
      onBlur={() => !wrong && set_typed(null)}
    />
  );
}
