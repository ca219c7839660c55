// What is left of the promise as a shape: a filling ring, and a triangle once it is broken. Never by colour alone.
import type { Promised } from '../i18n/time_words';

export function PromiseMark({ left, size = 12 }: { left: Promised; size?: number }) {
  if (left.urgency === 'late')
    return (
      <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
        <path d="M6 1l5 9H1z" fill="currentColor" />
      </svg>
    );
  const around = 2 * Math.PI * 5;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      aria-hidden="true"
    >
      <circle cx="6" cy="6" r="5" opacity=".28" />
      <circle
        cx="6"
        cy="6"
        r="5"
        strokeDasharray={`${Math.max(0.06, left.share) * around} ${around}`}
        transform="rotate(-90 6 6)"
      />
    </svg>
  );
}
