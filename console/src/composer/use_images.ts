// Pictures of a reply: uploaded at once, described in words, checked against what the network takes.
import { useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import type { Capabilities, Id } from '../api/types';
import { upload_picture } from '../api/upload_picture';
import { t } from '../i18n/i18n';

export interface Image {
  id: Id;
  url: string;
  alt: string;
  busy: boolean;
}
export interface Images {
  items: Image[];
  error: string;
  busy: boolean;
  add: (files: File[]) => void;
  attach: (ids: Id[]) => Id[]; // pictures the desk holds already; all there are now
  describe: (id: Id, alt: string) => void;
  drop: (id: Id) => void;
  clear: () => void;
}
export function useImages(ws: Id, kept_ids: Id[], keep: (ids: Id[]) => void, limits: Capabilities): Images {
  const [items, set_items] = useState<Image[]>(() =>
    kept_ids.map((id) => ({ id, url: `/api/v1${ws_path(ws, `/attachments/${id}`)}`, alt: '', busy: false })),
  );
  const [error, set_error] = useState('');
  const add = (files: File[]): void => {
    set_error('');
    const pictures = files.filter((file) => file.type.startsWith('image/'));
    if (pictures.length < files.length) set_error(t('image.not_a_picture'));
    const room = Math.max(0, limits.images - items.length);
    if (pictures.length > room) set_error(t('image.too_many', { count: limits.images }));
    const taken = pictures.slice(0, room).filter((file) => {
      if (limits.image_bytes > 0 && file.size > limits.image_bytes) {
        set_error(t('image.too_big', { size: (limits.image_bytes / 1_000_000).toFixed(1) }));
        return false;
      }
      return true;
    });
    for (const file of taken) void upload(file);
  };
  const upload = async (file: File): Promise<void> => {
    const local = `local:${crypto.randomUUID()}`;
    const url = URL.createObjectURL(file);
    set_items((old) => [...old, { id: local, url, alt: '', busy: true }]);
    try {
      const made = await upload_picture(ws, file);
      set_items((old) => {
        const next = old.map((one) => (one.id === local ? { ...one, id: made.id, busy: false } : one));
        queueMicrotask(() => keep(next.filter((one) => !one.busy).map((one) => one.id)));
        return next;
      });
    } catch (reason) {
      set_items((old) => old.filter((one) => one.id !== local));
      set_error(t('image.failed', { why: reason instanceof Error ? reason.message : '' }));
    }
  };
  return {
    items,
    error,
    busy: items.some((one) => one.busy),
    add,
    attach: (ids) => {
      const fresh = ids.filter((id) => !items.some((one) => one.id === id));
      const room = Math.max(0, limits.images - items.length);
      if (fresh.length > room) set_error(t('image.too_many', { count: limits.images }));
      const taken = fresh.slice(0, room);
      set_items([
        ...items,
        ...taken.map((id) => ({
          id,
          url: `/api/v1${ws_path(ws, `/attachments/${id}`)}`,
          alt: '',
          busy: false,
        })),
      ]);
      return [...items.filter((one) => !one.busy).map((one) => one.id), ...taken];
    },
    describe: (id, alt) => {
      set_items((old) => old.map((one) => (one.id === id ? { ...one, alt } : one)));
      patch(ws_path(ws, `/attachments/${id}`), { alt }).catch(() => set_error(t('image.alt_failed')));
    },
    drop: (id) => {
      const next = items.filter((one) => one.id !== id);
      set_items(next);
      keep(next.filter((one) => !one.busy).map((one) => one.id));
    },
    clear: () => {
      set_items([]);
      set_error('');
    },
  };
}
