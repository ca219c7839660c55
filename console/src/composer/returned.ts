// A reply that was taken back while held returns its words to the composer.
import type { Id } from '../api/types';

type Take = (case_id: Id, text: string) => void;
let take: Take | null = null;
export const return_to_composer: Take = (case_id, text) => take?.(case_id, text);
export function on_returned(listener: Take): () => void {
  take = listener;
  return () => {
    if (take === listener) take = null;
  };
}
