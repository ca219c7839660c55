// One door to the server: JSON in and out, the CSRF header, and every failure as one error class.
import type { Problem } from './types';

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code ?? '';
  }
}
// The request never reached the server (or no answer came back).
export class OfflineError extends Error {
  constructor() {
    super('offline');
    this.name = 'OfflineError';
  }
}

let csrf_token = '';
export function set_csrf_token(token: string): void {
  csrf_token = token;
}

type Reach = (reachable: boolean) => void;
let signed_out: () => void = () => {};
// Called when the server no longer knows the session.
export function on_signed_out(listener: () => void): void {
  signed_out = listener;
}
let told: Reach = () => {};
// The live part listens here to learn whether the server answers.
export function on_reach(listener: Reach): void {
  told = listener;
}

export interface Call {
  method?: string;
  body?: unknown;
  raw?: Blob;
  signal?: AbortSignal;
  keepalive?: boolean;
}

export async function call<T>(
  path: string,
  { method = 'GET', body, raw, signal, keepalive }: Call = {},
): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf_token;
  if (raw) headers['Content-Type'] = raw.type || 'application/octet-stream';
  else if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(raw ? { body: raw } : body !== undefined ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
      ...(keepalive ? { keepalive } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    told(false);
    throw new OfflineError();
  }
  // A gateway that has lost the server is the same to the person as no network.
  if (answer.status === 502 || answer.status === 504) {
    told(false);
    throw new OfflineError();
  }
  told(true);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!answer.ok) {
    if (answer.status === 401 && !/^\/(me|session|setup)/.test(path)) signed_out();
    const problem = (typeof value === 'object' && value !== null ? value : {}) as Partial<Problem>;
    throw new ApiError({
      type: problem.type ?? 'about:blank',
      title: problem.title ?? answer.statusText,
      detail: problem.detail ?? '',
      ...problem,
      status: answer.status,
    });
  }
  return value as T;
}

export const post = <T>(path: string, body: unknown = {}): Promise<T> =>
  call<T>(path, { method: 'POST', body });
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>(path, { method: 'PATCH', body });
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>(path, { method: 'PUT', body });
export const remove = <T>(path: string): Promise<T> => call<T>(path, { method: 'DELETE' });
