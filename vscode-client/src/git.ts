// What a commit changed, shown with the editor's own git extension; and what has not been committed yet.

import { basename } from 'node:path/posix';
import { commands, extensions, l10n, Uri } from 'vscode';
import type { Commit } from './protocol';

const SHORT = 7;

/** What is used of the git extension's interface, version 1. */
interface Git {
  toGitUri: (uri: Uri, ref: string) => Uri;
  repositories: { diff: (cached?: boolean) => Promise<string> }[];
}

/** The beginning of a commit's id, as people write it. */
export function shortId({ id }: Commit): string {
  return id.slice(0, SHORT);
}

/** The files of a commit as they are named now in the workspace, or were. */
export function filesOf({ folder, files }: Commit): Uri[] {
  return files.map((path) => Uri.joinPath(Uri.parse(folder), path));
}

/** Show what a commit changed in one file. */
export async function showChange(commit: Commit, file: Uri, options: { preview?: boolean; preserveFocus?: boolean } = {}): Promise<void> {
  const [before, after] = await sides(commit, file);
  await commands.executeCommand('vscode.diff', before, after, `${basename(file.path)} (${shortId(commit)})`, options);
}

/** Show all that a commit changed. */
export async function showCommit(commit: Commit): Promise<void> {
  const changes = await Promise.all(filesOf(commit).map(async (file) => [file, ...(await sides(commit, file))]));
  await commands.executeCommand('vscode.changes', `${shortId(commit)} ${commit.subject}`, changes);
}

/** The difference between the last commits and the files as they are, of all repositories; empty where there is none. */
export async function uncommittedChange(): Promise<string> {
  const { repositories } = await git();
  const parts = await Promise.all(repositories.flatMap((repository) => [repository.diff(true), repository.diff()]));
  return parts.filter(Boolean).join('\n');
}

async function sides(commit: Commit, file: Uri): Promise<[Uri, Uri]> {
  const { toGitUri } = await git();
  return [toGitUri(file, `${commit.id}^`), toGitUri(file, commit.id)];
}

async function git(): Promise<Git> {
  const extension = await extensions.getExtension<{ enabled: boolean; getAPI: (version: 1) => Git }>('vscode.git')?.activate();
  if (!extension?.enabled) {
    throw new Error(l10n.t('The editor’s Git extension is turned off. Turn it on to see what a commit changed.'));
  }
  return extension.getAPI(1);
}
