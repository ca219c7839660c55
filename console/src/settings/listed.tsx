// A list that is read from the server: while it comes, when it did not come, when nothing is in it, and itself.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failed, Loading } from '../ui/state';

export function Listed<T>({
  of,
  empty,
  children,
}: {
  of: UseQueryResult<T[]>;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}) {
  if (of.isPending) return <Loading rows={2} />;
  if (of.error) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return of.data.length === 0 ? empty : children(of.data);
}
