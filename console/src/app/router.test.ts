import { expect, test } from 'vitest';
import { inbox_path, parse_route, search_path, settings_path } from './router';

test('every address has its screen', () => {
  expect(parse_route('/')).toEqual({ page: 'home' });
  expect(parse_route('/setup', '', '#abc')).toEqual({ page: 'setup', token: 'abc' });
  expect(parse_route('/login', '', '#abc')).toEqual({ page: 'login', token: 'abc' });
  expect(parse_route('/invite/abc')).toEqual({ page: 'invite', token: 'abc' });
  expect(parse_route('/w/7/mine/case/12')).toEqual({
    page: 'inbox',
    workspace: '7',
    view: 'mine',
    topic: null,
    case_id: '12',
  });
  expect(parse_route('/w/7')).toMatchObject({ page: 'inbox', view: 'now' });
  expect(parse_route('/w/7/settings/topics')).toEqual({
    page: 'settings',
    workspace: '7',
    section: 'topics',
  });
  expect(parse_route('/w/7/nonsense')).toEqual({ page: 'unknown' });
  expect(parse_route('/elsewhere')).toEqual({ page: 'unknown' });
});
test('paths lead back to where they came from', () => {
  const there = (path: string) => {
    const url = new URL(path, 'http://x');
    return parse_route(url.pathname, url.search);
  };
  expect(there(inbox_path('7', 'all', '12', '31'))).toEqual({
    page: 'inbox',
    workspace: '7',
    view: 'all',
    topic: '31',
    case_id: '12',
  });
  expect(there(search_path('7', '水漏れ & 50%', '12'))).toEqual({
    page: 'search',
    workspace: '7',
    query: '水漏れ & 50%',
    case_id: '12',
  });
  expect(there(settings_path('7', 'me'))).toMatchObject({ page: 'settings', section: 'me' });
});
