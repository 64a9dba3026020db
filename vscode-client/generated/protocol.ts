// Cognate's own part of the protocol, written by generate.py; docs/protocol.md says what it means.

import type { Location, Position, Range, TextDocumentIdentifier } from 'vscode-languageclient';

export interface ScopeParams {
  include?: string[];
  exclude?: string[];
  languages?: string[];
  folders?: string[];
}

export interface DocumentRange {
  textDocument: TextDocumentIdentifier;
  position?: Position;
  range?: Range;
}

export interface SearchParams {
  query: string;
  also?: string[];
  limit?: number;
  scope?: ScopeParams;
  context?: DocumentRange;
  explain?: boolean;
}

export interface Symbol {
  name: string;
  kind: string;
  container: string;
  qualified: string;
}

export interface Copy {
  uri: string;
  range: Range;
  cell?: number;
}

export interface Hit {
  location: Location;
  focusRange: Range;
  focusText: string;
  score: number;
  language: string;
  preview: string;
  stale: boolean;
  symbol?: Symbol;
  cell?: number;
  copies?: Copy[];
  foundBy?: string;
  why?: Record<string, number>;
}

export interface Index {
  state: string;
  generation: number;
  coverage: number;
  chunks: number;
}

export interface FolderCount {
  path: string;
  count: number;
}

export interface LanguageCount {
  language: string;
  count: number;
}

export interface Facets {
  folders: FolderCount[];
  languages: LanguageCount[];
}

export interface SearchResult {
  hits: Hit[];
  index: Index;
  facets: Facets;
  message?: string;
  suggestions?: string[];
  queries?: string[];
}

export interface NarrowParams {
  query: string;
  by: string;
  also?: string[];
  scope?: ScopeParams;
  textDocument?: TextDocumentIdentifier;
}

export interface Choice {
  label: string;
  about: string;
  query: string;
  folders: string[];
}

export interface NarrowResult {
  choices: Choice[];
}

export interface SearchCodeParams {
  query: string;
  also?: string[];
  paths?: string[];
  languages?: string[];
  limit?: number;
}

export interface SearchCodeResult {
  text: string;
}

export interface RelatedParams {
  textDocument: TextDocumentIdentifier;
  position?: Position;
  range?: Range;
  kind?: string;
  limit?: number;
  scope?: ScopeParams;
  explain?: boolean;
}

export interface HistoryParams {
  query?: string;
  textDocument?: TextDocumentIdentifier;
  position?: Position;
  range?: Range;
  limit?: number;
  since?: string;
  paths?: string[];
  open?: string[];
}

export interface CommitPlace {
  location: Location;
  symbol?: string;
}

export interface Commit {
  id: string;
  date: string;
  age: string;
  subject: string;
  body: string;
  score: number;
  files: string[];
  places: CommitPlace[];
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
  index: Index;
  covered: number;
  complete: boolean;
  message?: string;
}

export interface RephraseParams {
  query: string;
}

export interface RephraseResult {
  system: string;
  user: string;
}

export interface RephrasedParams {
  query: string;
  reply?: string;
}

export interface RephrasedResult {
  also: string[];
  message?: string;
}

export type NoParams = object;

export interface Queue {
  files: number;
  chunks: number;
}

export interface FolderStatus {
  uri: string;
  name: string;
  state: string;
  summary: string;
  generation: number;
  coverage: number;
  wordCoverage: number;
  chunks: number;
  files: number;
  queue: Queue;
  phase: string;
  model: string;
  store: string;
  message: string;
  details: Record<string, string>;
}

export interface StatusResult {
  index: Index;
  state: string;
  summary: string;
  short: string;
  files: number;
  chunks: number;
  coverage: number;
  wordCoverage: number;
  queue: Queue;
  model: string;
  message: string;
  folders: FolderStatus[];
  memory?: number;
}

export interface ExplainFileParams {
  textDocument: TextDocumentIdentifier;
}

export interface ExplainFileResult {
  uri: string;
  path: string;
  indexed: boolean;
  rule: string;
  chunks: number;
  summary: string;
  index: Index;
}

/** Each request's params and result. */
export interface Requests {
  'cognate/search': [SearchParams, SearchResult];
  'cognate/narrow': [NarrowParams, NarrowResult];
  'cognate/searchCode': [SearchCodeParams, SearchCodeResult];
  'cognate/related': [RelatedParams, SearchResult];
  'cognate/history': [HistoryParams, HistoryResult];
  'cognate/rephrase': [RephraseParams, RephraseResult];
  'cognate/rephrased': [RephrasedParams, RephrasedResult];
  'cognate/status': [NoParams, StatusResult];
  'cognate/explainFile': [ExplainFileParams, ExplainFileResult];
}

export const DID_CHANGE_STATUS = 'cognate/didChangeStatus';
export const COMMAND_SEARCH = 'cognate.search';
export const COMMAND_RELATED = 'cognate.related';
export const COMMAND_REINDEX = 'cognate.reindex';
export const COMMAND_PAUSE = 'cognate.pause';
export const COMMAND_RESUME = 'cognate.resume';
export const COMMAND_EXPLAIN_FILE = 'cognate.explainFile';
