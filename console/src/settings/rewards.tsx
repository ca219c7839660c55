// Lists of reward codes: what is left, when to warn, who got which.
import { useState } from 'react';
import { patch, post, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useGivenCodes, useRewardLists } from '../api/kit_queries';
import type { RewardList } from '../api/kit_types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { State } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './library.module.css';
import { Listed } from './listed';
import settings from './settings.module.css';
import { useChange } from './use_change';

export function Rewards() {
  const { ws } = useDesk();
  const lists = useRewardLists(ws);
  const [adding, set_adding] = useState(false);
  const [filling, set_filling] = useState<RewardList | null>(null);
  const add = () => set_adding(true);
  return (
    <>
      <div className={settings.title}>
        <h2>{t('settings.rewards')}</h2>
        <Button look="primary" onClick={add}>
          {t('reward.add')}
        </Button>
      </div>
      <p className={settings.about}>{t('reward.about', { variable: '{{reward:…}}' })}</p>
      <Listed
        of={lists}
        empty={
          <State
            title={t('reward.none.title')}
            text={t('reward.none.text')}
            action={{ label: t('reward.add'), run: add }}
          />
        }
      >
        {(items) => (
          <div className={settings.cards}>
            {items.map((list) => (
              <Card key={list.id} list={list} on_fill={() => set_filling(list)} />
            ))}
          </div>
        )}
      </Listed>
      {adding && <Add on_close={() => set_adding(false)} />}
      {filling && <Fill list={filling} on_close={() => set_filling(null)} />}
    </>
  );
}

function Card({ list, on_fill }: { list: RewardList; on_fill: () => void }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('reward_lists');
  const [open, set_open] = useState(false);
  const given = useGivenCodes(ws, list.id, open);
  const [warn, set_warn] = useState(String(list.warn_below));
  const path = ws_path(ws, `/reward-lists/${list.id}`);
  return (
    <article className={settings.card}>
      <header>
        <div>
          <b>{list.name}</b>
          <span className={style.mark}>{`{{reward:${list.key}}}`}</span>
        </div>
        <p className={`${settings.big} num`}>
          <strong className={list.is_low ? style.low : undefined}>{plain_number(list.free)}</strong>
          {t('reward.left.short')}
        </p>
      </header>
      {list.is_low && (
        <p className={style.warning} role="status">
          {t(list.free === 0 ? 'reward.empty.text' : 'reward.low.text')}
        </p>
      )}
      <form
        className={`${settings.row} ${settings.start} ${style.stock}`}
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => patch(path, { warn_below: Number(warn) }));
        }}
      >
        <Field
          type="number"
          min={0}
          label={t('reward.warn_below')}
          hint={t('reward.warn_below.hint')}
          value={warn}
          onChange={(event) => set_warn(event.target.value)}
        />
        {warn !== String(list.warn_below) && (
          <Button type="submit" disabled={busy}>
            {t('library.save')}
          </Button>
        )}
      </form>
      <div className={settings.verbs}>
        <Button onClick={on_fill}>{t('reward.fill')}</Button>
        <Button look="quiet" disabled={busy} onClick={() => void change(() => remove(path))}>
          {t('reward.remove')}
        </Button>
      </div>
      <details
        className={`${settings.archived} ${style.record}`}
        onToggle={(event) => set_open(event.currentTarget.open)}
      >
        <summary className="num">
          {t('reward.numbers', { reserved: plain_number(list.reserved), given: plain_number(list.given) })}
        </summary>
        <p className={style.numbers}>
          {t('reward.numbers.why', {
            all: plain_number(list.free + list.reserved + list.given),
            free: plain_number(list.free),
          })}
        </p>
        {open && (
          <Listed of={given} empty={<p className={settings.about}>{t('reward.given.none')}</p>}>
            {(codes) => (
              <div className={settings.scroll}>
                <table className={settings.table}>
                  <thead>
                    <tr>
                      <th>{t('reward.code')}</th>
                      <th>{t('reward.customer')}</th>
                      <th>{t('reward.by')}</th>
                      <th>{t('reward.when')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {codes.map((one) => (
                      <tr key={one.code}>
                        <td>{one.code}</td>
                        <td>
                          <Link to={inbox_path(ws, 'all', one.case_id)}>
                            {one.customer_name} #{one.case_number}
                          </Link>
                        </td>
                        <td>{one.given_by}</td>
                        <td className="num">{absolute(one.given_at)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Listed>
        )}
      </details>
    </article>
  );
}

function Add({ on_close }: { on_close: () => void }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('reward_lists');
  const [name, set_name] = useState('');
  const [list_key, set_key] = useState('');
  const [error, set_error] = useState('');
  return (
    <Dialog title={t('reward.add')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change(() => post(ws_path(ws, '/reward-lists'), { key: list_key.trim(), name: name.trim() }), true)
            .then(on_close)
            .catch((reason) => set_error(words_of(reason)));
        }}
      >
        <Field
          label={t('library.name')}
          value={name}
          required
          maxLength={100}
          autoFocus
          onChange={(event) => set_name(event.target.value)}
        />
        <Field
          label={t('reward.key')}
          hint={t('reward.key.hint', { variable: '{{reward:…}}' })}
          value={list_key}
          required
          maxLength={40}
          error={error || undefined}
          onChange={(event) => set_key(event.target.value)}
        />
        <div className={settings.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !name.trim() || !list_key.trim()}>
            {t('reward.add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Fill({ list, on_close }: { list: RewardList; on_close: () => void }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('reward_lists');
  const [text, set_text] = useState('');
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    try {
      const path = ws_path(ws, `/reward-lists/${list.id}/codes`);
      const done = await change(() => post<{ added: number; known: number }>(path, { text }), true);
      if (done) show_toast({ text: 'toast.codes_added', tone: 'plain', params: { ...done } }, 5_000);
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog wide title={t('reward.fill')} about={t('reward.fill.about')} on_close={on_close}>
      <label className={style.area}>
        <span>{t('reward.codes')}</span>
        <textarea rows={8} value={text} onChange={(event) => set_text(event.target.value)} />
      </label>
      <Field
        type="file"
        accept=".csv,.txt,text/plain,text/csv"
        label={t('reward.file')}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) void file.text().then(set_text);
        }}
      />
      {error && (
        <p className={settings.error} role="alert">
          {error}
        </p>
      )}
      <div className={settings.row}>
        <Button onClick={on_close}>{t('action.cancel')}</Button>
        <Button look="primary" disabled={busy || text.trim() === ''} onClick={() => void save()}>
          {t('reward.fill')}
        </Button>
      </div>
    </Dialog>
  );
}
