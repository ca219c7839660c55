// What stands beside the text and never in its way: answers to begin with, the offer to go on in private, the five
// steps for a complaint, and the account's voice.
import { useState } from 'react';
import type { ReplyCandidate, ReplyKit } from '../api/kit_types';
import type { Voice } from '../api/types';
import { network_name, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import style from './kit_strips.module.css';

export function Candidates({
  candidates,
  on_pick,
}: {
  candidates: readonly ReplyCandidate[];
  on_pick: (candidate: ReplyCandidate) => void;
}) {
  if (candidates.length === 0) return null;
  return (
    <ul className={style.candidates} aria-label={t('kit.candidates')}>
      {candidates.map((one, n) => (
        <li key={`${one.source} ${one.saved_reply_id ?? one.text}`}>
          <button type="button" title={one.text} onClick={() => on_pick(one)}>
            <kbd aria-hidden="true">Alt+{n + 1}</kbd>
            <b>
              {one.source === 'saved'
                ? one.name
                : t('kit.earlier', { number: String(one.case_number ?? '') })}
            </b>
            <span>{one.text}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function PrivateOffer({
  offer,
  on_insert,
}: {
  offer: ReplyKit['private_offer'];
  on_insert: () => void;
}) {
  return (
    <div className={style.strip} role="status">
      <span>
        <b>{offer.reasons.map((one) => t(`private.why.${one}`)).join(' ')}</b>{' '}
        {t('private.offer', { place: offer.account_name || network_name(offer.network) })}
      </span>
      <Button onClick={on_insert}>
        <Icon name="lock" size={14} />
        {t('private.insert')}
      </Button>
    </div>
  );
}

// They wrote in private, this would be read by everybody: nothing leaves until somebody says that they mean it.
export function PublicAsk({ meant, on_mean }: { meant: boolean; on_mean: (meant: boolean) => void }) {
  return (
    <label className={`${style.strip} ${style.ask}`}>
      <input type="checkbox" checked={meant} onChange={(event) => on_mean(event.target.checked)} />
      <span>
        <b>{t('private.public.title')}</b> {t('private.public.mean')}
      </span>
    </label>
  );
}

// A colleague answered while this was written: the customer should hear from both only when that is meant.
export function AnsweredAsk({ name, on_mean }: { name: string; on_mean: () => void }) {
  return (
    <div className={`${style.strip} ${style.ask}`} role="status">
      <b>{t('composer.answered.title', { name })}</b>
      <Button onClick={on_mean}>{t('composer.answered.mean')}</Button>
    </div>
  );
}

const steps = ['listen', 'empathise', 'apologise', 'respond', 'now'] as const;
export type Learn = Record<(typeof steps)[number], boolean>;
export function LearnSteps({ learn }: { learn: Learn }) {
  return (
    <ol className={style.learn} aria-label={t('learn.label')}>
      {steps.map((step) => (
        <li key={step} data-done={learn[step] || undefined} title={t(`learn.${step}.about`)}>
          <Icon name={learn[step] ? 'check' : 'circle'} size={13} />
          {t(`learn.${step}`)}
          <span className="unseen">{t(learn[step] ? 'learn.done' : 'learn.open')}</span>
        </li>
      ))}
    </ol>
  );
}

const kept = 'kiki.voice_open';
export function VoiceFold({ voice, initials }: { voice: Voice; initials: string }) {
  const [open, set_open] = useState(() => localStorage.getItem(kept) === '1');
  const rules = [
    voice.polite && t('voice.polite'),
    voice.no_casual && t('voice.no_casual'),
    voice.we && t('voice.we'),
    t('voice.short.exclamations', { count: voice.max_exclamations }),
    t('voice.short.emoji', { count: voice.max_emoji }),
    voice.initials && t(initials ? 'voice.short.signed' : 'voice.short.unsigned', { initials }),
  ].filter((rule): rule is string => typeof rule === 'string');
  return (
    <details
      className={style.voice}
      open={open}
      onToggle={(event) => {
        set_open(event.currentTarget.open);
        localStorage.setItem(kept, event.currentTarget.open ? '1' : '0');
      }}
    >
      <summary>{t('voice.beside')}</summary>
      {voice.guide && <p>{voice.guide}</p>}
      <ul>
        {rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
        {voice.word_choice.map(({ word, instead }) => (
          <li key={word}>
            <s>{word}</s> {instead && `→ ${instead}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
