// Cognate's own part of the wire, as docs/protocol.md says it; a contract test ties these types to the server's.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Location {
  uri: string;
  range: Range;
}

export interface Scope {
  include?: string[];
  exclude?: string[];
  languages?: string[];
  folders?: string[];
}

export interface SearchParams {
  query: string;
  limit?: number;
  scope?: Scope;
  context?: { textDocument: { uri: string }; position: Position };
  explain?: boolean;
}

export interface RelatedParams {
  textDocument: { uri: string };
  position?: Position;
  range?: Range;
  limit?: number;
  scope?: Scope;
  explain?: boolean;
}

export interface ExplainFileParams {
  textDocument: { uri: string };
}

export interface HitSymbol {
  name: string;
  kind: string;
  container: string;
}

export interface Hit {
  location: Location;
  focusRange: Range;
  score: number;
  language: string;
  preview: string;
  stale: boolean;
  symbol?: HitSymbol;
  cell?: number;
  why?: Record<string, number>;
}

export type IndexState = 'empty' | 'indexing' | 'catching-up' | 'ready' | 'paused' | 'lexical-only' | 'error';

export interface Index {
  state: IndexState;
  generation: number;
  coverage: number;
  chunks: number;
}

export interface SearchResult {
  hits: Hit[];
  index: Index;
}

export interface Queue {
  files: number;
  chunks: number;
}

export interface FolderStatus {
  uri: string;
  name: string;
  state: IndexState;
  generation: number;
  coverage: number;
  chunks: number;
  files: number;
  queue: Queue;
  phase: string;
  model: string;
  store: string;
  message: string;
  details: Record<string, number>;
}

export interface Status {
  index: Index;
  state: IndexState;
  files: number;
  chunks: number;
  coverage: number;
  queue: Queue;
  model: string;
  message: string;
  folders: FolderStatus[];
  memory?: number;
}

export interface ExplainFileResult {
  uri: string;
  path: string;
  indexed: boolean;
  rule: string;
  chunks: number;
  index: Index;
}

/** Each request's method, params and result. */
export interface Requests {
  'cognate/search': [SearchParams, SearchResult];
  'cognate/related': [RelatedParams, SearchResult];
  'cognate/status': [undefined, Status];
  'cognate/explainFile': [ExplainFileParams, ExplainFileResult];
}

export const DID_CHANGE_STATUS = 'cognate/didChangeStatus';

/** Commands that the server runs; the language client registers them under these names. */
export const COMMAND_RELATED = 'cognate.related';
export const COMMAND_REINDEX = 'cognate.reindex';
export const COMMAND_PAUSE = 'cognate.pause';
export const COMMAND_RESUME = 'cognate.resume';

/** Most hits that one request may ask for. */
export const MAX_LIMIT = 200;
