// What the client uses of Cognate's own part of the protocol (docs/protocol.md); a contract test compares it with the server.

import type { Location, Position, Range } from 'vscode-languageclient';

export interface SearchParams {
  query: string;
  also?: string[];
  limit?: number;
  scope?: { folders: string[] };
  context?: { textDocument: { uri: string }; position: Position };
  explain?: boolean;
}

export interface SearchCodeParams {
  query: string;
  also?: string[];
  paths?: string[];
  languages?: string[];
  limit?: number;
}

export type RelatedKind = 'similar' | 'tests' | 'callers' | 'callees' | 'siblings' | 'docs' | 'changed-with';

export interface RelatedParams {
  textDocument: { uri: string };
  kind?: RelatedKind;
  position?: Position;
  range?: Range;
  explain?: boolean;
}

export interface Hit {
  location: Location;
  focusRange: Range;
  focusText: string;
  score: number;
  language: string;
  preview: string;
  stale: boolean;
  symbol?: { name: string; kind: string; container: string; qualified: string };
  cell?: number;
  foundBy?: string;
  copies?: { uri: string; range: Range; cell?: number }[];
  why?: Record<string, number>;
}

export interface Facets {
  folders: { path: string; count: number }[];
  languages: { language: string; count: number }[];
}

export interface HistoryParams {
  query?: string;
  textDocument?: { uri: string };
  range?: Range;
  limit?: number;
  open?: string[];
}

export interface Commit {
  id: string;
  date: string;
  subject: string;
  body: string;
  score: number;
  files: string[];
  places: { location: Location; symbol?: string }[];
  folder: string;
}

export interface Together {
  uri: string;
  path: string;
  score: number;
  commits: number;
}

export interface HistoryResult {
  commits: Commit[];
  together: Together[];
  complete: boolean;
  index: { state: IndexState };
  message?: string;
}

export type IndexState = 'empty' | 'indexing' | 'catching-up' | 'ready' | 'paused' | 'lexical-only' | 'error';

export interface SearchResult {
  hits: Hit[];
  facets: Facets;
  index: { state: IndexState };
  message?: string;
  suggestions?: string[];
}

export interface Status {
  state: IndexState;
  coverage: number;
  wordCoverage: number;
  chunks: number;
  summary: string;
  model: string;
  message: string;
  memory?: number;
}

export interface ExplainFileResult {
  path: string;
  indexed: boolean;
  rule: string;
  chunks: number;
}

export interface RephraseResult {
  system: string;
  user: string;
}

export interface RephrasedResult {
  also: string[];
  message?: string;
}

/** Each request's method, params and result. */
export interface Requests {
  'cognate/search': [SearchParams, SearchResult];
  'cognate/searchCode': [SearchCodeParams, { text: string }];
  'cognate/related': [RelatedParams, SearchResult];
  'cognate/history': [HistoryParams, HistoryResult];
  'cognate/rephrase': [{ query: string }, RephraseResult];
  'cognate/rephrased': [{ query: string; reply?: string }, RephrasedResult];
  'cognate/status': [undefined, Status];
  'cognate/explainFile': [{ textDocument: { uri: string } }, ExplainFileResult];
  'workspace/executeCommand': [{ command: string; arguments: unknown[] }, unknown];
}

export const DID_CHANGE_STATUS = 'cognate/didChangeStatus';

/** Commands that the server runs; the language client registers them under these names. */
export const COMMAND_RELATED = 'cognate.related';
export const COMMAND_REINDEX = 'cognate.reindex';
export const COMMAND_PAUSE = 'cognate.pause';
export const COMMAND_RESUME = 'cognate.resume';
