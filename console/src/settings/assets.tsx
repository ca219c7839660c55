// Links, words and pictures with one source of truth: changed here, changed in every reply that points to them.
import { useRef, useState } from 'react';
import { ws_path } from '../api/keys';
import { useAssets } from '../api/kit_queries';
import type { ReplyAsset } from '../api/kit_types';
import { upload_picture } from '../api/upload_picture';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Choice, Field } from '../ui/field';
import { EditorDialog } from './editor_dialog';
import style from './library.module.css';
import { Listed } from './listed';
import settings from './settings.module.css';
import { VariantsField } from './variants_field';

type Draft = Pick<ReplyAsset, 'key' | 'name' | 'kind' | 'variants' | 'attachment_id'> & {
  id?: string;
  version?: number;
};
const fresh: Draft = {
  key: '',
  name: '',
  kind: 'link',
  variants: [{ language: '', text: '' }],
  attachment_id: null,
};

export function Assets({ may }: { may: boolean }) {
  const { ws } = useDesk();
  const list = useAssets(ws);
  const [editing, set_editing] = useState<Draft | null>(null);
  return (
    <section>
      <div className={settings.title}>
        <h3 className={settings.sub}>{t('asset.title')}</h3>
        {may && <Button onClick={() => set_editing(fresh)}>{t('asset.add')}</Button>}
      </div>
      <p className={settings.about}>{t('asset.about')}</p>
      <Listed of={list} empty={<p className={settings.about}>{t('asset.none')}</p>}>
        {(items) => (
          <div className={settings.cards}>
            {items.map((asset) => (
              <article key={asset.id} className={settings.card}>
                <header>
                  <div>
                    <b>{asset.name}</b>
                    <span className={style.mark}>{`{{asset:${asset.key}}}`}</span>
                  </div>
                  {may && (
                    <Button
                      onClick={() =>
                        set_editing(
                          asset.variants.length > 0 ? asset : { ...asset, variants: fresh.variants },
                        )
                      }
                    >
                      {t('action.edit')}
                    </Button>
                  )}
                </header>
                {asset.attachment_id ? (
                  <img
                    className={style.thumb}
                    src={`/api/v1${ws_path(ws, `/attachments/${asset.attachment_id}`)}`}
                    alt={asset.name}
                  />
                ) : (
                  <p className={style.text}>{asset.variants.map((one) => one.text).join('\n')}</p>
                )}
              </article>
            ))}
          </div>
        )}
      </Listed>
      {editing && <Editor draft={editing} on_close={() => set_editing(null)} />}
    </section>
  );
}

function Editor({ draft, on_close }: { draft: Draft; on_close: () => void }) {
  const { ws } = useDesk();
  const [now, set_now] = useState(draft);
  const [error, set_error] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const set = (part: Partial<Draft>): void => set_now((old) => ({ ...old, ...part }));
  const body = () => ({
    key: now.key.trim(),
    name: now.name.trim() || now.key.trim(),
    kind: now.kind,
    ...(now.kind === 'image' ? { attachment_id: now.attachment_id } : { variants: now.variants }),
  });
  const upload = async (picture: File): Promise<void> => {
    try {
      const made = await upload_picture(ws, picture, now.name);
      set_error('');
      set({ attachment_id: made.id });
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <EditorDialog
      title={t(draft.id ? 'asset.edit' : 'asset.add')}
      path={ws_path(ws, '/reply-assets')}
      entry={draft}
      changes={['reply_assets', 'saved_replies']}
      body={body}
      ready={now.key.trim() !== ''}
      remove_words={t('asset.remove')}
      error={error}
      on_close={on_close}
    >
      <div className={settings.two}>
        <Field
          label={t('asset.key')}
          hint={t('asset.key.hint', { variable: '{{asset:…}}' })}
          value={now.key}
          required
          maxLength={40}
          autoFocus
          onChange={(event) => set({ key: event.target.value })}
        />
        <Field
          label={t('library.name')}
          value={now.name}
          maxLength={100}
          onChange={(event) => set({ name: event.target.value })}
        />
      </div>
      <Choice
        label={t('asset.kind')}
        value={now.kind}
        onChange={(event) => set({ kind: event.target.value as ReplyAsset['kind'] })}
      >
        {(['link', 'text', 'image'] as const).map((kind) => (
          <option key={kind} value={kind}>
            {t(`asset.kind.${kind}`)}
          </option>
        ))}
      </Choice>
      {now.kind === 'image' ? (
        <div className={style.variants}>
          {now.attachment_id && (
            <img
              className={style.thumb}
              src={`/api/v1${ws_path(ws, `/attachments/${now.attachment_id}`)}`}
              alt={now.name}
            />
          )}
          <Button onClick={() => file.current?.click()}>{t('asset.picture')}</Button>
          <input
            ref={file}
            type="file"
            accept="image/*"
            hidden
            onChange={(event) => {
              const [picture] = event.target.files ?? [];
              if (picture) void upload(picture);
              event.target.value = '';
            }}
          />
        </div>
      ) : (
        <VariantsField
          variants={now.variants}
          label={t(`asset.kind.${now.kind}`)}
          {...(now.kind === 'link' ? { placeholder: 'https://', rows: 2 } : {})}
          on_change={(variants) => set({ variants })}
        />
      )}
    </EditorDialog>
  );
}
