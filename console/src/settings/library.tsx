// The library replies begin with: saved replies by folder, and the assets they point to.
import { useRef, useState } from 'react';
import { ApiError, call, post } from '../api/client';
import { ws_path } from '../api/keys';
import { useSavedReplies, useSavedResults } from '../api/kit_queries';
import type { SavedReply, SavedResult } from '../api/kit_types';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Check, Field } from '../ui/field';
import { State } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import { Assets } from './assets';
import { EditorDialog } from './editor_dialog';
import style from './library.module.css';
import { Listed } from './listed';
import settings from './settings.module.css';
import { useChange } from './use_change';
import { VariantsField } from './variants_field';

type Draft = Pick<SavedReply, 'folder' | 'name' | 'code' | 'variants' | 'needs_word' | 'is_thanks'> & {
  id?: string;
  version?: number;
};
const fresh: Draft = {
  folder: '',
  name: '',
  code: '',
  variants: [{ language: '', text: '' }],
  needs_word: false,
  is_thanks: false,
};

export function Library() {
  const { ws, role } = useDesk();
  const may = at_least(role, 'lead');
  const list = useSavedReplies(ws);
  const results = useSavedResults(ws).data ?? [];
  const [editing, set_editing] = useState<Draft | null>(null);
  const [wanted, set_wanted] = useState('');
  const words = wanted.normalize('NFKC').toLowerCase().trim().split(/\s+/);
  const shown = (items: SavedReply[]): SavedReply[] =>
    items.filter((one) => {
      const text = `${one.folder} ${one.name} ${one.code} ${one.variants.map((each) => each.text).join(' ')}`;
      return words.every((word) => text.normalize('NFKC').toLowerCase().includes(word));
    });
  const folders = (items: SavedReply[]): [string, SavedReply[]][] => {
    const all = new Map<string, SavedReply[]>();
    for (const one of items) all.set(one.folder, [...(all.get(one.folder) ?? []), one]);
    return [...all];
  };
  const add = () => set_editing(fresh);
  return (
    <>
      <div className={settings.title}>
        <h2>{t('settings.library')}</h2>
        {may && (
          <Button look="primary" onClick={add}>
            {t('library.add')}
          </Button>
        )}
      </div>
      <p className={settings.about}>{t('library.about')}</p>
      <Listed
        of={list}
        empty={
          <State
            title={t('library.none.title')}
            text={t('library.none.text')}
            {...(may ? { action: { label: t('library.add'), run: add } } : {})}
          />
        }
      >
        {(items) => (
          <>
            {items.length > 6 && (
              <div className={style.find}>
                <Field
                  type="search"
                  label={t('library.find')}
                  value={wanted}
                  onChange={(event) => set_wanted(event.target.value)}
                />
              </div>
            )}
            {folders(shown(items)).map(([folder, replies]) => (
              <section key={folder}>
                {folder && <h3 className={settings.sub}>{folder}</h3>}
                <div className={settings.cards}>
                  {replies.map((one) => (
                    <Card
                      key={one.id}
                      reply={one}
                      result={results.find((each) => each.saved_reply_id === one.id)}
                      may={may}
                      on_edit={() => set_editing(one)}
                    />
                  ))}
                </div>
              </section>
            ))}
            {shown(items).length === 0 && <p className={settings.about}>{t('pick.nothing')}</p>}
          </>
        )}
      </Listed>
      <Exchange may={may} />
      <Assets may={may} />
      {editing && <Editor draft={editing} on_close={() => set_editing(null)} />}
    </>
  );
}

function Card({
  reply,
  result,
  may,
  on_edit,
}: {
  reply: SavedReply;
  result: SavedResult | undefined;
  may: boolean;
  on_edit: () => void;
}) {
  const share = (part: number): string =>
    plain_number(Math.round((part * 100) / Math.max(1, result?.uses ?? 1)));
  return (
    <article className={settings.card}>
      <header>
        <div>
          <b>{reply.name}</b>
          {reply.code && <span className={style.mark}>/{reply.code}</span>}
          {reply.needs_word && <span className={style.mark}>{t('library.needs_word.short')}</span>}
          {reply.is_thanks && <span className={style.mark}>{t('library.is_thanks.short')}</span>}
        </div>
        {may && <Button onClick={on_edit}>{t('action.edit')}</Button>}
      </header>
      <p className={style.text}>{reply.variants[0]?.text}</p>
      {result ? (
        <details className={`${style.numbers} num`}>
          <summary>
            {t('library.numbers', {
              count: reply.uses,
              edited: share(result.edited),
              settled: share(result.settled),
              reopened: share(result.reopened),
            })}
          </summary>
          <p>{t('library.numbers.why', { count: result.uses })}</p>
        </details>
      ) : (
        <p className={style.numbers}>{t('library.unused')}</p>
      )}
      {result && <UsedFor result={result} />}
    </article>
  );
}

function UsedFor({ result }: { result: SavedResult }) {
  const { ws } = useDesk();
  return (
    <p className={style.numbers}>
      {result.kinds.length > 0 && (
        <>
          {t('library.used_for', {
            kinds: result.kinds
              .map((one) =>
                t('library.used_for.kind', { kind: t(`triage.kind.${one.kind}`), count: one.count }),
              )
              .join(t('card.reason.and')),
          })}{' '}
        </>
      )}
      {t('library.used_last')}{' '}
      {result.latest.map((one) => (
        <Link key={one.case_id} to={inbox_path(ws, 'all', one.case_id)} title={one.title}>
          #{one.number}
        </Link>
      ))}
    </p>
  );
}

function Editor({ draft, on_close }: { draft: Draft; on_close: () => void }) {
  const { ws } = useDesk();
  const [now, set_now] = useState(draft);
  const set = (part: Partial<Draft>): void => set_now({ ...now, ...part });
  const body = () => ({
    folder: now.folder.trim(),
    name: now.name.trim(),
    code: now.code.trim().replace(/^[/／]/, ''),
    variants: now.variants,
    needs_word: now.needs_word,
    is_thanks: now.is_thanks,
  });
  return (
    <EditorDialog
      title={t(draft.id ? 'library.edit' : 'library.add')}
      path={ws_path(ws, '/saved-replies')}
      entry={draft}
      changes={['saved_replies', 'saved_results']}
      body={body}
      ready={now.name.trim() !== ''}
      remove_words={t('library.remove')}
      on_close={on_close}
    >
      <div className={settings.two}>
        <Field
          label={t('library.name')}
          value={now.name}
          required
          maxLength={100}
          autoFocus
          onChange={(event) => set({ name: event.target.value })}
        />
        <Field
          label={t('library.code')}
          hint={t('library.code.hint')}
          value={now.code}
          maxLength={40}
          onChange={(event) => set({ code: event.target.value })}
        />
      </div>
      <Field
        label={t('library.folder')}
        value={now.folder}
        maxLength={100}
        onChange={(event) => set({ folder: event.target.value })}
      />
      <VariantsField
        variants={now.variants}
        label={t('library.text')}
        placeholder={t('library.text.placeholder', { variable: '{{customer.name}}' })}
        on_change={(variants) => set({ variants })}
      />
      <p className={style.variables}>
        {t('library.variables')}{' '}
        {['customer.name|…', 'case.number', 'agent.name', 'agent.initials', 'brand.name'].map((name) => (
          <span key={name}>
            <code>{`{{${name}}}`}</code>{' '}
          </span>
        ))}
        <code>{'{{asset:…}}'}</code> <code>{'{{reward:…}}'}</code> <code>{'{{private_link}}'}</code>
      </p>
      <Check
        label={t('library.needs_word')}
        checked={now.needs_word}
        onChange={(event) => set({ needs_word: event.target.checked })}
      />
      <Check
        label={t('library.is_thanks')}
        checked={now.is_thanks}
        onChange={(event) => set({ is_thanks: event.target.checked })}
      />
    </EditorDialog>
  );
}

interface Taken {
  added: number;
  changed: number;
  same: number;
}
function Exchange({ may }: { may: boolean }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('saved_replies', 'reply_assets');
  const file = useRef<HTMLInputElement>(null);
  const [seen, set_seen] = useState<{ document: unknown; would: Taken } | null>(null);
  const give = async (): Promise<void> => {
    const document_ = await change(() => call(ws_path(ws, '/saved-replies/export')));
    if (!document_) return;
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(document_, null, 1)], { type: 'application/json' }),
    );
    const link = Object.assign(document.createElement('a'), { href: url, download: 'saved-replies.json' });
    link.click();
    URL.revokeObjectURL(url);
  };
  const look = async (chosen: File): Promise<void> => {
    try {
      const document_: unknown = JSON.parse(await chosen.text());
      const would = await post<Taken>(ws_path(ws, '/saved-replies/import?dry_run=true'), document_);
      set_seen({ document: document_, would });
    } catch (reason) {
      const why =
        reason instanceof SyntaxError
          ? t('library.import.no_json')
          : `${words_of(reason)} ${reason instanceof ApiError ? (reason.problem.where ?? '') : ''}`;
      show_toast({ text: 'toast.refused', tone: 'act', params: { why, number: '' } });
    }
  };
  const take = async (): Promise<void> => {
    const done = await change(() => post<Taken>(ws_path(ws, '/saved-replies/import'), seen?.document));
    set_seen(null);
    if (done) show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
  };
  return (
    <div className={`${settings.row} ${settings.start}`}>
      <Button look="quiet" disabled={busy} onClick={() => void give()}>
        {t('library.export')}
      </Button>
      {may && (
        <Button look="quiet" disabled={busy} onClick={() => file.current?.click()}>
          {t('library.import')}
        </Button>
      )}
      <input
        ref={file}
        type="file"
        accept="application/json,.json"
        hidden
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen) void look(chosen);
          event.target.value = '';
        }}
      />
      {seen && (
        <Dialog
          title={t('library.import')}
          about={t('library.import.would', { ...seen.would })}
          on_close={() => set_seen(null)}
        >
          <div className={settings.row}>
            <Button onClick={() => set_seen(null)}>{t('action.cancel')}</Button>
            <Button look="primary" disabled={busy} onClick={() => void take()}>
              {t('library.import.take')}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
