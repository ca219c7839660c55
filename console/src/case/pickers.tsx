// The small questions of the desk, one at a time, all answerable by keyboard.
import { act_with_undo, type CaseAction } from '../api/case_actions';
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { selection } from '../inbox/selection';
import { AssignPicker } from './assign_picker';
import { DismissPicker } from './dismiss_picker';
import { OpinionPicker } from './opinion_picker';
import { close_picker, usePicker } from './picker_store';
import { SnoozePicker } from './snooze_picker';
import { TagPicker } from './tag_picker';
import { TitlePicker } from './title_picker';
import { WatchPicker } from './watch_picker';

export function Pickers({ me }: { me: Id }) {
  const { desk } = useDesk();
  const picker = usePicker();
  if (!picker) return null;
  const answer = (action: CaseAction) => {
    close_picker();
    act_with_undo(desk, picker.rows, action);
    selection.clear();
  };
  const props = { rows: picker.rows, on_answer: answer, on_close: close_picker };
  switch (picker.kind) {
    case 'assign':
      return <AssignPicker {...props} me={me} />;
    case 'snooze':
      return <SnoozePicker {...props} />;
    case 'dismiss':
      return <DismissPicker {...props} />;
    case 'watch':
      return <WatchPicker {...props} />;
    case 'opinion':
      return <OpinionPicker rows={picker.rows} on_close={close_picker} />;
    case 'tag':
      return <TagPicker {...props} />;
    case 'title':
      return <TitlePicker {...props} />;
  }
}
