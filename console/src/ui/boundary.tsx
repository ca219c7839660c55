// A screen that cannot be drawn says so, and the rest goes on: above all a part of the console that was to be fetched
// while there is no connection.
import { Component, type ReactNode } from 'react';
import { t } from '../i18n/i18n';
import { State } from './state';

interface Props {
  children: ReactNode;
  small?: boolean; // over a page that stays: nothing is shown in its place
}
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    if (this.props.small) return null;
    return (
      <State
        title={t('state.error.title')}
        text={t('state.part.text')}
        action={{ label: t('action.reload'), run: () => window.location.reload() }}
      />
    );
  }
}
