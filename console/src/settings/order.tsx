// The order of the list: what weighs how much, with its effect on today's list beside it before anything is saved.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { post, put } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useOrder } from '../api/queries';
import type { Order, OrderPreview, OrderWeights } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { rank_short } from '../i18n/rank_words';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import grid from './order.module.css';
import style from './settings.module.css';
import { useChange } from './use_change';

export function OrderPage() {
  const { ws } = useDesk();
  const order = useOrder(ws);
  if (order.isPending) return <Loading rows={5} />;
  if (order.error) return <Failed error={order.error} retry={() => void order.refetch()} />;
  return <Editor saved={order.data} />;
}

type Name = Exclude<keyof OrderWeights, 'groups' | 'waiting_percent'>;
const parts: { title: 'harm' | 'customer' | 'priority' | 'least'; names: Name[] }[] = [
  { title: 'harm', names: ['danger', 'legal', 'money', 'urgency', 'reach'] },
  { title: 'customer', names: ['anger', 'wrote_again', 'complaints'] },
  { title: 'priority', names: ['urgent', 'high', 'low'] },
  { title: 'least', names: ['chatter', 'among_users'] },
];
const in_levels: Name[] = ['urgency', 'reach', 'anger'];
const label_of = (name: Name): string => {
  const said = t(`rank.key.${name}`);
  const what = said.charAt(0).toUpperCase() + said.slice(1);
  if (name === 'complaints') return t('order.each_complaint', { what });
  return in_levels.includes(name) ? t('order.each_level', { what }) : what;
};
const weights_of = ({ version: _version, first: _first, ...weights }: Order): OrderWeights => weights;

function Editor({ saved }: { saved: Order }) {
  const { ws, role } = useDesk();
  const { change, busy } = useChange('order');
  const [draft, set_draft] = useState<OrderWeights | null>(null);
  const may = at_least(role, 'lead');
  const shown = draft ?? weights_of(saved);
  const set = (part: Partial<OrderWeights>): void => set_draft({ ...shown, ...part });
  const save = (): void => {
    void change(() => put<Order>(ws_path(ws, '/order'), { ...shown, version: saved.version })).then(
      (done) => {
        if (!done) return;
        set_draft(null);
        show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
      },
    );
  };
  const number = (value: number, label: string, on_change: (value: number) => void) => (
    <Field
      key={label}
      type="number"
      min={-10_080}
      max={10_080}
      required
      label={label}
      value={value}
      onChange={(event) => on_change(Math.round(event.target.valueAsNumber || 0))}
    />
  );
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.order')}</h2>
      </div>
      <p className={style.about}>{t('order.about')}</p>
      {!may && <p className={style.about}>{t('settings.read_only')}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <fieldset disabled={!may}>
          {parts.map(({ title, names }) => (
            <section key={title}>
              <h3 className={style.sub}>{t(`order.${title}`)}</h3>
              <div className={grid.grid}>
                {names.map((name) => number(shown[name], label_of(name), (value) => set({ [name]: value })))}
              </div>
            </section>
          ))}
          <Field
            type="number"
            min={0}
            max={90}
            required
            label={t('order.waiting')}
            hint={t('order.waiting.hint')}
            value={shown.waiting_percent}
            onChange={(event) => set({ waiting_percent: Math.round(event.target.valueAsNumber || 0) })}
          />
          <h3 className={style.sub}>{t('order.groups')}</h3>
          {shown.groups.map((group, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a group's name is being typed
            <div key={at} className={grid.grid}>
              <Field
                label={t('order.groups.name')}
                value={group.name}
                required
                maxLength={60}
                onChange={(event) =>
                  set({ groups: shown.groups.with(at, { ...group, name: event.target.value }) })
                }
              />
              {number(group.minutes, t('order.groups.minutes'), (minutes) =>
                set({ groups: shown.groups.with(at, { ...group, minutes }) }),
              )}
              <Button look="quiet" onClick={() => set({ groups: shown.groups.toSpliced(at, 1) })}>
                {t('action.remove')}
              </Button>
            </div>
          ))}
          {shown.groups.length < 20 && (
            <Button onClick={() => set({ groups: [...shown.groups, { name: '', minutes: 60 }] })}>
              {t('order.groups.add')}
            </Button>
          )}
          <div className={style.row} style={{ marginTop: 18 }}>
            <Button look="quiet" onClick={() => set_draft(saved.first)}>
              {t('order.reset')}
            </Button>
            {draft && <Button onClick={() => set_draft(null)}>{t('action.discard')}</Button>}
            <Button type="submit" look="primary" disabled={busy || !draft}>
              {t('action.save')}
            </Button>
          </div>
        </fieldset>
      </form>
      <Preview weights={shown} />
    </>
  );
}

function Preview({ weights }: { weights: OrderWeights }) {
  const { ws } = useDesk();
  const asked = useDeferredValue(weights);
  const ready = asked.groups.every((group) => group.name.trim() !== '');
  const seen = useQuery({
    queryKey: [...key.part(ws, 'order_preview'), asked],
    queryFn: () => post<OrderPreview>(ws_path(ws, '/order/preview'), asked),
    enabled: ready,
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
  const today = new Map(seen.data?.before.map((row, at) => [row.id, at + 1]));
  const same = seen.data?.after.every((row, at) => today.get(row.id) === at + 1);
  return (
    <section aria-live="polite">
      <h3 className={style.sub}>{t('order.preview')}</h3>
      {seen.error ? (
        <Failed error={seen.error} retry={() => void seen.refetch()} />
      ) : !seen.data ? (
        <Loading rows={3} />
      ) : seen.data.cases === 0 ? (
        <p className={style.about}>{t('order.preview.none')}</p>
      ) : (
        <>
          <p className={style.about}>
            {t('order.preview.moved', { moved: seen.data.moved, cases: seen.data.cases })}{' '}
            {same && t('order.preview.same')}
          </p>
          <div className={style.scroll}>
            <table className={style.table}>
              <thead>
                <tr>
                  <th>{t('order.preview.place')}</th>
                  <th>{t('order.preview.before')}</th>
                  <th>{t('order.preview.case')}</th>
                  <th>{t('order.preview.why')}</th>
                </tr>
              </thead>
              <tbody>
                {seen.data.after.map((row, at) => (
                  <tr key={row.id}>
                    <td className="num">{at + 1}</td>
                    <td className="num">{today.get(row.id) ?? t('order.preview.new')}</td>
                    <td>
                      <Link to={inbox_path(ws, 'now', row.id)}>#{row.number}</Link> {row.name || row.handle}
                      <span className={style.meta}>{row.preview || row.title}</span>
                    </td>
                    <td>{rank_short(row)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
