/** Every expected "no" of the program, by code. What a code means for HTTP stands in `http/refusal-reply.ts`. */

/** A Python-style quoted name, as devpi's messages have it. */
const quote = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`)

const messages = {
  // requests
  'not-found': (d: { what: string }) => `${d.what} does not exist.`,
  'bad-request': (d: { reason: string }) => d.reason,
  'body-not-json': () => 'Bad request: could not decode json',
  'body-not-object': () => 'Bad request: the body must be a JSON object',
  'body-too-large': (d: { limit: number }) => `The body is larger than ${d.limit} bytes.`,
  'not-acceptable': (d: { offered: string }) => `This page is served as ${d.offered} only.`,
  'json-only': (d: { accept: string }) =>
    `unsupported media type ${quote(d.accept)}: ask with Accept: application/json`,
  'too-many-requests': () => 'Too many requests at once; try again in a moment.',
  'search-unavailable': () =>
    'The search takes too long, or its index is being made; try again in a moment.',
  'replication-disabled': () => 'Replication protocol disabled',
  'replica-token-missing': () => "This is for replicas: it needs a replica's token.",
  'replica-token-wrong': () =>
    'This token was not made with the secret of this server: a replica needs the same --secret-file.',
  'replica-clock': (d: { minutes: number; isBehind: boolean }) =>
    `The clock of the replica is ${d.minutes} minutes ${d.isBehind ? 'behind' : 'ahead of'} the one here.`,
  'changes-ahead': (d: { serial: number }) =>
    `There is no change ${d.serial} here: the replica has more than its primary.`,
  'changes-parted': (d: { serial: number }) =>
    `Change ${d.serial} is another one here: the replica has followed another server.`,
  'primary-away': (d: { since: string | undefined }) =>
    `The primary of this replica is away${d.since === undefined ? '' : ` since ${d.since}`}: ` +
    'nothing was changed; try again when it is back.',
  'still-filling': (d: { here: number; there: number }) =>
    `This server is new, and has ${d.here + 1} of ${d.there < 0 ? 'the' : d.there + 1} changes of the one that it follows: try again in a moment.`,
  'follows-devpi': (d: { url: string }) =>
    `This server follows the devpi-server at ${d.url}, which does not know this change: it is possible once its place is taken.`,
  'relay-broken': () =>
    'The primary broke off before it had answered: whether it did this is not known.',
  'relayed-late': (d: { serial: number; here: number }) =>
    `This was done on the primary, with serial ${d.serial}, and is not here yet: the replica is at ${d.here}.`,
  'blob-away': (d: { since: string }) =>
    `This replica does not have the file, and its primary, which has, is away since ${d.since}.`,
  'blob-lost': (d: { filename: string }) =>
    `The content of ${d.filename} is lost on this server: its entry is here, its bytes are not.`,
  'blob-sought': (d: { filename: string }) =>
    `${d.filename} had not come here when this server was promoted: it comes as soon as a server of its group is there that has it.`,
  fenced: (d: { epoch: number; url: string | undefined }) =>
    `This server was replaced: another one was promoted, to epoch ${d.epoch}. Nothing was changed; ` +
    `send this to ${d.url ?? 'the new primary'}.`,
  'feed-fenced': (d: { epoch: number; url: string | undefined }) =>
    `This server was replaced in epoch ${d.epoch}: follow ${d.url ?? 'the new primary'}.`,
  'blob-missing': (d: { digest: string }) => `There is no blob ${d.digest}.`,
  'form-foreign': () =>
    'This form was not made for your login, or not by this server: open its page again and repeat it.',
  'storage-full': () => 'The server has no room left to store this; nothing was changed.',

  // users and login
  'login-incomplete': () => 'Bad request: no user/password specified',
  'login-failed': (d: { user: string }) => `user ${quote(d.user)} could not be authenticated`,
  'login-needed': () => 'Log in to see this.',
  'user-missing': (d: { user: string }) => `no user ${quote(d.user)}`,
  'user-exists': () => 'user already exists',
  'user-name-invalid': (d: { user: string }) =>
    `username ${quote(d.user)} contains characters that aren't allowed. ` +
    'Any ascii symbol besides -.@_ is blocked.',
  'user-password-missing': () => 'password needs to be set',
  'user-keys-unknown': (d: { keys: string }) => `Unknown keys in user config: ${d.keys}`,
  'user-value-invalid': (d: { key: string; expected: string }) =>
    `${quote(d.key)} must be ${d.expected}.`,
  'user-not-modifiable': (d: { user: string }) => `no permission to modify user ${d.user}`,
  'password-not-changeable': (d: { user: string }) =>
    `no permission to change password for user ${d.user}`,
  'user-has-nonvolatile-index': (d: { user: string; index: string }) =>
    `user ${quote(d.user)} has non-volatile index: ${d.index}`,
  forbidden: (d: { action: string }) => `You are not allowed to ${d.action}.`,

  // indexes
  'index-missing': (d: { index: string }) => `The stage ${d.index} could not be found.`,
  'index-base-hidden': (d: { index: string }) =>
    `${d.index} inherits from an index that is for others alone: ` +
    `take it from its bases (/${d.index}/+edit), or ask for the right to read it`,
  'index-exists': (d: { index: string }) => `index ${quote(d.index)} exists`,
  'index-name-invalid': (d: { index: string }) =>
    `indexname ${quote(d.index)} contains characters that aren't allowed. ` +
    'Any ascii symbol besides -.@_ is blocked.',
  'index-not-creatable': (d: { index: string }) => `no permission to create index ${d.index}`,
  'index-nonvolatile': (d: { index: string }) => `index ${d.index} non-volatile, cannot delete`,
  'index-option-invalid': (d: { reason: string }) => d.reason,

  // uploads and files
  'upload-unauthenticated': () => 'Credentials are needed to upload.',
  'upload-login-wrong': () => 'Wrong user or password, or a login that has expired.',
  'upload-forbidden': () => 'no permission to submit',
  'upload-project-closed': (d: { project: string; status: string }) =>
    `The project ${d.project} is ${d.status} and takes no uploads.`,
  'yank-on-mirror': (d: { index: string }) =>
    `${d.index} is a mirror: what is yanked on it, its upstream says.`,
  'upload-to-mirror': () => 'cannot submit to mirror index',
  'upload-invalid': (d: { reason: string }) => d.reason,
  'upload-not-multipart': () => 'An upload must be a multipart/form-data body.',
  'upload-too-large': (d: { filename: string; limit: number }) =>
    `File too large: ${d.filename} is larger than ${d.limit} bytes.`,
  'upload-gone': (d: { action: string }) => `action ${quote(d.action)} is no longer supported`,
  'file-exists': (d: { filename: string }) => `${d.filename} already exists in non-volatile index`,
  'file-missing': () => 'no such file',
  'file-hidden': (d: { filename: string; index: string; policy: string; reason: string }) =>
    `${d.filename} is hidden by the policy ${d.policy} of ${d.index}: ${d.reason}`,
  'metadata-missing': (d: { path: string }) => `no metadata found in ${d.path}`,
  'metadata-not-mirrored': () => 'mirror_provides_core_metadata disabled',
  'file-gone': () => 'file existed, deleted in later serial',
  'path-missing': (d: { path: string }) => `package ${quote(d.path)} doesn't exist`,
  'path-gone': (d: { path: string }) => `file ${quote(d.path)} existed, deleted in later serial`,
  'toxresult-forbidden': () =>
    'No permission to upload tox results. ' +
    'You can use the devpi test --no-upload option to skip the upload.',
  'toxresult-target-missing': (d: { path: string }) => `no release file found at ${d.path}`,
  'docs-missing': () => 'No documentation available.',
  'docs-stable-missing': () => 'No stable documentation available.',
  'docs-file-missing': (d: { path: string }) => `File ${d.path} not found in documentation.`,
  'docs-file-damaged': (d: { path: string }) => `File ${d.path} of the documentation is damaged.`,
  'docs-worker-refused': () => 'Documentation may not install a service worker.',
  'project-no-stable': (d: { project: string }) =>
    `The project ${d.project} has no stable release.`,
  'project-unknown': (d: { project: string }) => `no project ${quote(d.project)}`,
  'project-not-found': () => 'project not found',
  'project-nonvolatile': (d: { project: string; index: string }) =>
    `project ${quote(d.project)} is on non-volatile index ${d.index}`,
  'project-not-on-index': (d: { project: string; index: string }) =>
    `project ${quote(d.project)} not found on stage ${quote(d.index)}`,
  'release-missing': (d: { version: string; project: string }) =>
    `The version ${d.version} of project ${d.project} does not exist.`,
  'release-nonvolatile': () => 'cannot delete version on non-volatile index',
  'release-not-on-index': (d: { version: string; project: string; index: string }) =>
    `version ${quote(d.version)} of project ${quote(d.project)} not found on stage ${quote(d.index)}`,
  'project-missing': (d: { project: string }) => `The project ${d.project} does not exist.`,
  'pypi-missing': () => 'Not Found',

  // pushes
  'push-invalid': (d: { reason: string }) => d.reason,
  'push-no-release': (d: { name: string; version: string; index: string }) =>
    `there are no files for ${d.name} ${d.version} on stage ${d.index}`,
  'push-no-match': (d: { requirement: string; index: string }) =>
    `no release of ${d.index} and its bases fits ${d.requirement}`,
  'push-docs-unclear': () => "can't use 'no_docs' and 'only_docs' together",
  'push-nothing': (d: { name: string; version: string; filename?: string | undefined }) =>
    `no release/files found for ${d.name} ${d.version}${d.filename === undefined ? '' : `: it has no file ${d.filename}`}`,
  'push-options-unknown': (d: { keys: string }) => `unknown additional options: ${d.keys}`,
  'push-target-malformed': () => 'targetindex not in format user/index',
  'push-forbidden': (d: { user: string | undefined; index: string }) =>
    `user ${d.user === undefined ? 'None' : quote(d.user)} cannot upload to ${quote(d.index)}`,
  'push-host-closed': (d: { host: string }) =>
    `This server pushes nothing to ${d.host}: see its option --push-hosts.`,
  'push-unauthenticated': () => 'Log in to push to another server.',
  'push-file-exists': (d: { filename: string }) =>
    `${d.filename} already exists in non-volatile index`,

  // mirrors
  'upstream-unknown': (d: { index: string }) =>
    `The mirror ${d.index} has no upstream address. Set one: ` +
    `devpi index ${d.index} mirror_url=URL, or start the server with --pypi-url URL.`,
} as const

type Messages = typeof messages
export type RefusalCode = keyof Messages
export type RefusalDetails<C extends RefusalCode> = Parameters<Messages[C]>[0]
type Details<C extends RefusalCode> =
  RefusalDetails<C> extends undefined ? [] : [details: RefusalDetails<C>]

/** Something that is refused on purpose. Shown to the client as it is; never logged as a failure. */
export class Refusal extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

/** A refusal of the catalogue; the details are checked against the code. */
export function refuse<C extends RefusalCode>(code: C, ...details: Details<C>): Refusal {
  const write = messages[code] as (details: unknown) => string
  return new Refusal(code, write(details[0]))
}

export const refusalCodes = Object.keys(messages) as readonly RefusalCode[]
