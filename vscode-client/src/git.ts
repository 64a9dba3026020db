// What a commit changed, shown with the editor's own git extension; and what has not been committed yet.

import { basename } from 'node:path/posix';
import { commands, extensions, l10n, Uri } from 'vscode';
import type { Commit } from '../generated/protocol';

const SHORT = 7;
const MOST_FILES = 100;

/** The names of the tree without files: git's, and where a repository's names are longer. */
const NO_FILES = { 40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', 64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321' };

/** Of the git extension's `Status`. */
const INDEX_ADDED = 1;
const DELETED = 6;

interface Change { uri: Uri; originalUri: Uri; status: number }

/** What is used of the git extension's interface, version 1. */
interface Git {
  toGitUri: (uri: Uri, ref: string) => Uri;
  getRepository: (uri: Uri) => Repository | null;
  repositories: Repository[];
}

interface Repository {
  diff: (cached?: boolean) => Promise<string>;
  diffBetween: (before: string, after: string) => Promise<Change[]>;
  getCommit: (ref: string) => Promise<{ parents: string[] }>;
}

/** One file of a commit, by its name in it, and its text before and after. */
export interface ChangedFile { commit: Commit; uri: Uri; before: Uri; after: Uri }

/** The beginning of a commit's id, as people write it. */
export function shortId({ id }: Commit): string {
  return id.slice(0, SHORT);
}

/** The files that a commit changed; of very many the first ones. */
export async function changedFiles(commit: Commit): Promise<ChangedFile[]> {
  const api = await git();
  const folder = Uri.parse(commit.folder);
  const repository = api.getRepository(folder);
  if (!repository) {
    throw new Error(l10n.t('The editor’s Git extension has not opened the repository of {0}.', folder.fsPath));
  }
  const nothing = NO_FILES[commit.id.length as keyof typeof NO_FILES];
  const [parent] = (await repository.getCommit(commit.id)).parents;
  const changes = parent
    ? await repository.diffBetween(parent, commit.id)
    : commit.files.map((path) => Uri.joinPath(folder, path)).map((uri) => ({ uri, originalUri: uri, status: INDEX_ADDED }));
  return changes.slice(0, MOST_FILES).map(({ uri, originalUri, status }) => ({
    commit,
    uri,
    before: api.toGitUri(originalUri, status === INDEX_ADDED ? nothing : parent ?? nothing),
    after: api.toGitUri(uri, status === DELETED ? nothing : commit.id),
  }));
}

/** Show what a commit changed in one file. */
export async function showChange({ commit, uri, before, after }: ChangedFile, options = {}): Promise<void> {
  await commands.executeCommand('vscode.diff', before, after, `${basename(uri.path)} (${shortId(commit)})`, options);
}

/** Show all that a commit changed. */
export async function showCommit(commit: Commit): Promise<void> {
  const changes = (await changedFiles(commit)).map(({ uri, before, after }) => [uri, before, after]);
  await commands.executeCommand('vscode.changes', `${shortId(commit)} ${commit.subject}`, changes);
}

/** The difference between the last commits and the files as they are, of all repositories; empty where there is none. */
export async function uncommittedChange(): Promise<string> {
  const { repositories } = await git();
  const parts = await Promise.all(repositories.flatMap((repository) => [repository.diff(true), repository.diff()]));
  return parts.filter(Boolean).join('\n');
}

async function git(): Promise<Git> {
  const extension = await extensions.getExtension<{ enabled: boolean; getAPI: (version: 1) => Git }>('vscode.git')?.activate();
  if (!extension?.enabled) {
    throw new Error(l10n.t('The editor’s Git extension is turned off. Turn it on to see what a commit changed.'));
  }
  return extension.getAPI(1);
}
