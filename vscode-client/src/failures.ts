// Reads from errors, and from the output of a failed installation, what a person has to know. Pure.

export type FailureKind =
  | 'no-python' | 'old-python' | 'no-venv' | 'no-network' | 'no-compiler' | 'no-space' | 'cancelled' | 'other';

/** Why the managed environment could not be made; `detail` is for the log. */
export class SetupFailure extends Error {
  constructor(readonly kind: FailureKind, readonly detail = '') {
    super(detail || kind);
  }
}

// In this order: a build that cannot fetch its own tools fails as a build, but the network is the reason.
const SIGNS: readonly [FailureKind, RegExp[]][] = [
  ['no-space', [/No space left on device|ENOSPC|not enough space on the disk/i]],
  ['no-venv', [/ensurepip is not available|No module named '?(venv|ensurepip|pip)\b/]],
  ['no-network', [
    /NewConnectionError|Failed to establish a new connection|Connection (refused|reset|aborted)|Network is unreachable/i,
    /name resolution|getaddrinfo failed|ConnectTimeoutError|ReadTimeoutError|Read timed out|from versions: none/i,
    /ProxyError|Cannot connect to proxy|SSLError|CERTIFICATE_VERIFY_FAILED/i,
  ]],
  ['no-compiler', [
    /Failed (building wheel for|to build) '?hnswlib|Microsoft Visual C\+\+|Unsupported compiler|Python\.h: No such file/i,
    /(command|unable to execute) '[^']*(g\+\+|gcc|clang|cc|c\+\+)'/i,
  ]],
];

/** The kind of failure that an output describes. */
export function failureKind(output: string): FailureKind {
  return SIGNS.find(([, signs]) => signs.some((sign) => sign.test(output)))?.[0] ?? 'other';
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a version such as `3.12.1` is at least 3.10, the oldest that the server runs on. */
export function isNewEnough(version: string): boolean {
  return version.localeCompare('3.10', 'en', { numeric: true }) >= 0;
}
