import type { Role } from '../api/types';

// What a person may be in a workspace, the most powerful first.
export const roles: Role[] = ['owner', 'administrator', 'lead', 'agent', 'viewer'];
