// How replies are checked before they leave, and how each account speaks.
import { useState } from 'react';
import { patch, put, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useAccounts, useReplyRules, useTopics, useVoiceGuides } from '../api/queries';
import type { ReplyRules, Severity, Voice, VoiceGuides } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { check_name, severity_words } from '../composer/finding_words';
import { network_name, t } from '../i18n/i18n';
import { at_sign } from '../inbox/row';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import { PlaybookForm } from './playbook_form';
import style from './replies.module.css';
import settings from './settings.module.css';
import { useChange } from './use_change';

const severities: Severity[] = ['off', 'hint', 'second_person', 'blocked'];

export function Replies() {
  const { ws, role } = useDesk();
  const rules = useReplyRules(ws);
  const voices = useVoiceGuides(ws);
  const may = at_least(role, 'lead');
  const failed = rules.error ?? voices.error;
  return (
    <>
      <div className={settings.title}>
        <h2>{t('settings.replies')}</h2>
      </div>
      <p className={settings.about}>{t(may ? 'replies.about' : 'settings.read_only')}</p>
      {failed ? (
        <Failed
          error={failed}
          retry={() => {
            void rules.refetch();
            void voices.refetch();
          }}
        />
      ) : !rules.data || !voices.data ? (
        <Loading rows={6} />
      ) : (
        <>
          <VoiceForms voices={voices.data} may={may} />
          <PlaybookForm rules={rules.data} may={may} />
          <RulesForm rules={rules.data} may={may} />
        </>
      )}
    </>
  );
}

function VoiceForms({ voices, may }: { voices: VoiceGuides; may: boolean }) {
  const { ws } = useDesk();
  const accounts = (useAccounts(ws).data ?? []).filter((one) => one.kind === 'account');
  const [chosen, set_chosen] = useState('shared');
  const own = voices.accounts.find((one) => one.account_id === chosen)?.voice;
  return (
    <section>
      <h3 className={settings.sub}>{t('voice.title')}</h3>
      <p className={settings.about}>{t('voice.about')}</p>
      <Choice label={t('voice.account')} value={chosen} onChange={(event) => set_chosen(event.target.value)}>
        <option value="shared">{t('voice.shared')}</option>
        {accounts.map((one) => (
          <option key={one.id} value={one.id}>
            {network_name(one.network)} {at_sign(one.handle || one.name)}
          </option>
        ))}
      </Choice>
      <VoiceForm
        key={`${chosen} ${own ? 'own' : ''}`}
        place={chosen}
        voice={own ?? voices.shared}
        own={own !== undefined}
        may={may}
      />
    </section>
  );
}

const from_lines = (text: string): Voice['word_choice'] =>
  text.split('\n').flatMap((line) => {
    const [word = '', instead = ''] = line.split(/→|=>/).map((part) => part.trim());
    return word === '' ? [] : [{ word, instead }];
  });
const to_lines = (choice: Voice['word_choice']): string =>
  choice.map(({ word, instead }) => (instead ? `${word} → ${instead}` : word)).join('\n');

function VoiceForm({ place, voice, own, may }: { place: string; voice: Voice; own: boolean; may: boolean }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('voice_guides');
  const [now, set_now] = useState(voice);
  const [lines, set_lines] = useState(to_lines(voice.word_choice));
  const set = (part: Partial<Voice>): void => set_now({ ...now, ...part });
  const path = ws_path(ws, `/voice-guides/${place}`);
  const save = (): void => {
    void change(() => put<Voice>(path, { ...now, word_choice: from_lines(lines) })).then(
      (saved) => saved && show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000),
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <fieldset disabled={!may}>
        <label className={style.area}>
          <span>{t('voice.guide')}</span>
          <textarea
            value={now.guide}
            maxLength={5_000}
            placeholder={t('voice.guide.placeholder')}
            onChange={(event) => set({ guide: event.target.value })}
          />
        </label>
        <div className={settings.two}>
          <Field
            type="number"
            min={0}
            max={100}
            label={t('voice.max_exclamations')}
            value={now.max_exclamations}
            onChange={(event) => set({ max_exclamations: Number(event.target.value) })}
          />
          <Field
            type="number"
            min={0}
            max={100}
            label={t('voice.max_emoji')}
            value={now.max_emoji}
            onChange={(event) => set({ max_emoji: Number(event.target.value) })}
          />
        </div>
        <div className={style.checks}>
          {(['polite', 'no_casual', 'we', 'initials'] as const).map((name) => (
            <Check
              key={name}
              label={t(`voice.${name}`)}
              checked={now[name]}
              onChange={(event) => set({ [name]: event.target.checked })}
            />
          ))}
        </div>
        <label className={style.area}>
          <span>{t('voice.word_choice')}</span>
          <textarea
            value={lines}
            placeholder={t('voice.word_choice.placeholder')}
            onChange={(event) => set_lines(event.target.value)}
          />
        </label>
        {may && (
          <div className={`${settings.row} ${settings.start}`}>
            <Button type="submit" look="primary" disabled={busy}>
              {t('voice.save')}
            </Button>
            {own && (
              <Button look="quiet" disabled={busy} onClick={() => void change(() => remove(path))}>
                {t('voice.remove')}
              </Button>
            )}
          </div>
        )}
      </fieldset>
    </form>
  );
}

// It has a form of its own; what stands here may be older.
const without_playbook = ({ playbook: _, ...rest }: ReplyRules) => rest;

function RulesForm({ rules, may }: { rules: ReplyRules; may: boolean }) {
  const { ws } = useDesk();
  const topics = useTopics(ws).data ?? [];
  const { change, busy } = useChange('reply_rules');
  const [now, set_now] = useState(rules);
  const set = (part: Partial<ReplyRules>): void => set_now({ ...now, ...part });
  const number = (
    name: 'exchanges_limit' | 'recent_days' | 'similar_percent' | 'disaster_hours',
    min: number,
    max: number,
  ) => (
    <Field
      type="number"
      min={min}
      max={max}
      label={t(`rules.${name}`)}
      value={now[name]}
      onChange={(event) => set({ [name]: Number(event.target.value) })}
    />
  );
  const words = (
    name: 'promise_words' | 'competitors' | 'own_contacts' | 'order_patterns' | 'allowed_hosts',
  ) => (
    <ChipsInput
      label={t(`rules.${name}`)}
      hint={t(`rules.${name}.hint`)}
      values={now[name]}
      on_change={(values) => set({ [name]: values })}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void change(() => patch<ReplyRules>(ws_path(ws, '/reply-rules'), without_playbook(now))).then(
          (saved) => saved && show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000),
        );
      }}
    >
      <fieldset disabled={!may}>
        <h3 className={settings.sub}>{t('rules.title')}</h3>
        <p className={settings.about}>{t('rules.about')}</p>
        <div className={settings.scroll}>
          <table className={settings.table}>
            <thead>
              <tr>
                <th>{t('rules.check')}</th>
                <th>{t('rules.severity')}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(now.severities).map(([check, severity]) => (
                <tr key={check}>
                  <td>{check_name(check)}</td>
                  <td>
                    <select
                      aria-label={check_name(check)}
                      value={severity}
                      disabled={check === 'length'}
                      onChange={(event) =>
                        set({ severities: { ...now.severities, [check]: event.target.value as Severity } })
                      }
                    >
                      {severities.map((one) => (
                        <option key={one} value={one}>
                          {severity_words(one)}
                        </option>
                      ))}
                    </select>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <h3 className={settings.sub}>{t('rules.words')}</h3>
        {words('promise_words')}
        {words('own_contacts')}
        {words('order_patterns')}
        {words('allowed_hosts')}
        {words('competitors')}
        <div className={settings.two}>
          {number('exchanges_limit', 1, 50)}
          {number('recent_days', 1, 365)}
          {number('similar_percent', 50, 100)}
          {number('disaster_hours', 1, 72)}
        </div>
        {topics.length > 0 && (
          <>
            <h3 className={settings.sub}>{t('rules.crisis')}</h3>
            <p className={settings.about}>{t('rules.crisis.about')}</p>
            <div className={style.checks}>
              {topics.map((topic) => (
                <Check
                  key={topic.id}
                  label={topic.name}
                  checked={now.crisis_topic_ids.includes(topic.id)}
                  onChange={(event) =>
                    set({
                      crisis_topic_ids: event.target.checked
                        ? [...now.crisis_topic_ids, topic.id]
                        : now.crisis_topic_ids.filter((id) => id !== topic.id),
                    })
                  }
                />
              ))}
            </div>
          </>
        )}
        {may && (
          <Button type="submit" look="primary" disabled={busy}>
            {t('rules.save')}
          </Button>
        )}
      </fieldset>
    </form>
  );
}
