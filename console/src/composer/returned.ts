// A reply that was taken back while held returns its words to the composer, and to the place they were written for.
import type { Id } from '../api/types';

type Take = (case_id: Id, text: string, conversation_id?: Id, copy_to?: string[]) => void;
const takers = new Set<Take>();
export const return_to_composer: Take = (case_id, text, conversation_id, copy_to) => {
  for (const take of [...takers]) take(case_id, text, conversation_id, copy_to);
};
export function on_returned(listener: Take): () => void {
  takers.add(listener);
  return () => {
    takers.delete(listener);
  };
}
