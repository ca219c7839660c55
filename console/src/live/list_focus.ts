// What the list on the screen is doing right now; live changes ask it before they move anything.
import type { Id, View } from '../api/types';

export const list_focus: {
  view: View | null;
  topic: Id | null;
  at_top: boolean;
  pointer_inside: boolean;
  open_case: Id | null;
} = { view: null, topic: null, at_top: true, pointer_inside: false, open_case: null };
