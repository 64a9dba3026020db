// Reads from errors, and from the output of a failed installation, what a person has to know. Pure.

export type FailureKind =
  | 'no-python' | 'old-python' | 'new-python' | 'no-venv' | 'no-network' | 'no-package' | 'no-space' | 'cancelled' | 'other';

/** Why the managed environment could not be made; `detail` is for the log. */
export class SetupFailure extends Error {
  constructor(readonly kind: FailureKind, readonly detail = '') {
    super(detail || kind);
  }
}

// In this order: a package that cannot be asked for is not found, either, but the network is the reason.
const SIGNS: readonly [FailureKind, RegExp[]][] = [
  ['no-space', [/No space left on device|ENOSPC|not enough space on the disk/i]],
  ['no-venv', [/ensurepip is not available|No module named '?(venv|ensurepip|pip)\b/]],
  ['no-network', [
    /NewConnectionError|Failed to establish a new connection|Connection (refused|reset|aborted)|Network is unreachable/i,
    /name resolution|getaddrinfo failed|ConnectTimeoutError|ReadTimeoutError|Read timed out|from versions: none/i,
    /ProxyError|Cannot connect to proxy|SSLError|CERTIFICATE_VERIFY_FAILED/i,
  ]],
  ['no-package', [/No matching distribution found|DO NOT MATCH THE HASHES/]],
];

/** The kind of failure that an output describes. */
export function failureKind(output: string): FailureKind {
  return SIGNS.find(([, signs]) => signs.some((sign) => sign.test(output)))?.[0] ?? 'other';
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The Pythons that `setup/requirements.txt` has packages for. */
const OLDEST = '3.10';
export const NEWEST = '3.14';

/** What is wrong with a version such as `3.12.1`, if anything is. */
export function pythonProblem(version: string): 'old-python' | 'new-python' | undefined {
  const minor = version.split('.', 2).join('.');
  const after = (other: string): boolean => minor.localeCompare(other, 'en', { numeric: true }) > 0;
  return after(NEWEST) ? 'new-python' : minor === OLDEST || after(OLDEST) ? undefined : 'old-python';
}
