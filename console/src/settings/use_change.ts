// A change in the settings: send it, read the affected parts again, and say so when it did not work.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { key } from '../api/keys';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { show_toast } from '../ui/toast_store';

export function useChange(...parts: string[]) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [busy, set_busy] = useState(false);
  const change = async <T>(work: () => Promise<T>, quiet = false): Promise<T | undefined> => {
    set_busy(true);
    try {
      return await work();
    } catch (error) {
      if (quiet) throw error;
      show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
      return undefined;
    } finally {
      set_busy(false);
      for (const part of parts) void cache.invalidateQueries({ queryKey: key.part(ws, part) });
    }
  };
  return { change, busy };
}
