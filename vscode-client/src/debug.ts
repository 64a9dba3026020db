// What a report of a fault has to say about an installation, without the paths, names and words of its user.

import { homedir } from 'node:os';
import { env, version, workspace, type ExtensionContext } from 'vscode';
import { withoutPaths } from './format';
import type { Server } from './server';

/** Fields of the status that name the user's folders. */
const PRIVATE = new Set(['uri', 'name', 'store']);

interface Manifest {
  version: string;
  contributes: { configuration: { properties: Record<string, { default: unknown }> } };
}

/** Versions, the settings that were changed, and the server's status with the times of its queries and jobs, as JSON. */
export async function debugInformation(server: Server, { extension }: ExtensionContext): Promise<string> {
  const { version: own, contributes } = extension.packageJSON as Manifest;
  const settings = workspace.getConfiguration();
  const changed = Object.entries(contributes.configuration.properties)
    .map(([key, declared]) => [key, settings.get(key), declared.default] as const)
    .filter(([, value, usual]) => JSON.stringify(value) !== JSON.stringify(usual))
    .map(([key, value]) => [key, ['boolean', 'number'].includes(typeof value) ? value : 'changed']);
  const about = {
    extension: own,
    editor: [env.appName, version, env.remoteName].filter(Boolean).join(' '),
    system: `${process.platform} ${process.arch}`,
    server: server.life,
    settings: Object.fromEntries(changed) as unknown,
    status: server.life === 'running' ? await server.request('cognate/status', {}) : server.problem(),
  };
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => [uri.fsPath, 'FOLDER'] as const);
  const hidden = [...folders, [homedir(), '~']] as const;
  const shown = (key: string, value: unknown): unknown =>
    PRIVATE.has(key) ? undefined : typeof value === 'string' ? withoutPaths(value, hidden) : value;
  return JSON.stringify(about, shown, 2);
}
