/** The options of an index as a form asks for them: what kind of value, in which group, and what it does. */
import type { OptionInput } from './hooks.ts'
import { hasInitial, optionNames, type MoreOptions } from './index-options.ts'
import type { IndexEntry } from './indexes.ts'

type IndexType = IndexEntry['type']

/** Kinds beside those of policies: for values that must not be shown, texts in PEM, and any JSON. */
export type FieldInput =
  | OptionInput
  | { readonly kind: 'secret' | 'pem' | 'json' | 'paragraph' | 'address' | 'number' }

export interface OptionField {
  readonly name: string
  /** A word or two for people. */
  readonly label: string
  readonly input: FieldInput
  readonly doc: string
  readonly group: 'main' | 'upstream' | 'policy'
  /** Every such index has it: it can be changed, and not taken away. */
  readonly isFixed: boolean
}

const flag = { kind: 'flag' } as const
const list = { kind: 'list' } as const
const address = { kind: 'address' } as const
const pem = { kind: 'pem' } as const

/** One sentence each; all of it stands in the reference. */
const own: Readonly<Record<string, readonly [input: FieldInput, doc: string]>> = {
  title: [{ kind: 'text' }, 'A few words for lists.'],
  description: [{ kind: 'paragraph' }, 'What the index is for.'],
  volatile: [flag, 'Whether files may be replaced, and the index deleted.'],
  bases: [list, 'The indexes that it inherits from, in this order: one on each line.'],
  acl_upload: [list, 'Who may upload: users, :groups, :AUTHENTICATED: or :ANONYMOUS: (everyone).'],
  acl_read: [
    list,
    'Who may read it: users, :groups or :AUTHENTICATED:; everyone where this is empty.',
  ],
  acl_toxresult_upload: [list, 'Who may send test results.'],
  mirror_whitelist: [
    list,
    'Projects (or *) to which a mirror may add files although a stage has them.',
  ],
  mirror_whitelist_inheritance: [
    { kind: 'choice', words: ['intersection', 'union'] },
    'Whether this index alone decides (intersection), or any of its bases may allow (union).',
  ],
  strict_uploads: [flag, 'Refuse what PyPI refuses.'],
  custom_data: [{ kind: 'json' }, 'Any JSON, for themes and tools.'],
  mirror_url: [
    address,
    "Upstream's simple index. A user and password in it go to its own origin only.",
  ],
  mirror_layout: [
    { kind: 'choice', words: ['simple', 'listing'] },
    'Whether upstream has a simple index, or one page (or folders) of links to files.',
  ],
  mirror_private_hosts: [
    list,
    'Hosts with private addresses to which pages of an upstream outside may lead all the same.',
  ],
  mirror_cache_expiry: [{ kind: 'number' }, 'Seconds for which links are taken as fresh.'],
  mirror_own_only: [flag, 'Of another Wheelyard or devpi-server only what its index has itself.'],
  mirror_token: [{ kind: 'secret' }, 'A bearer token for upstream.'],
  mirror_client_cert: [pem, 'A client certificate.'],
  mirror_client_key: [{ kind: 'secret' }, 'The key of the client certificate.'],
  mirror_ca: [pem, "Certificates of authorities that are trusted beside the machine's."],
  mirror_proxy: [address, 'An HTTP proxy for all that this mirror asks.'],
  mirror_ignore_serial_header: [flag, 'Take pages also where their serial went back.'],
  mirror_changelog_url: [address, "Where upstream answers PyPI's XML-RPC."],
  mirror_keep_removed: [flag, 'Keep what upstream removes.'],
  mirror_take_replaced: [flag, 'Take other content that upstream puts under the same name.'],
  mirror_whitelist_exempt: [flag, 'Let it always add to projects that a stage has.'],
  mirror_no_project_list: [flag, "Never fetch upstream's list of names."],
  mirror_provides_core_metadata: [flag, 'Announce core metadata for every wheel.'],
  mirror_make_metadata: [flag, 'Read out of wheels what upstream does not tell.'],
  mirror_use_external_urls: [flag, 'Send clients to upstream for files that are not here.'],
  mirror_web_url_fmt: [{ kind: 'text' }, "A project's page for people, with {name}."],
}

/** First what most forms are about. */
const order = ['title', 'description', 'mirror_url', 'bases', 'volatile', 'acl_read', 'acl_upload']

/** All options that such an index can have: its own, then those of policies. */
export function listOptionFields(type: IndexType, more: MoreOptions): OptionField[] {
  const names = optionNames(type).toSorted((a, b) => place(a) - place(b))
  return [
    ...names.map((name): OptionField => {
      const [input, doc] = own[name] ?? [{ kind: 'text' }, '']
      const group = type === 'mirror' && isOfUpstream(name) ? 'upstream' : 'main'
      return { name, label: labelOf(name), input, doc, group, isFixed: hasInitial(type, name) }
    }),
    ...Object.entries(more).map(([name, { doc, input }]): OptionField => {
      const asked = input ?? ({ kind: 'text' } as const)
      return { name, label: labelOf(name), input: asked, doc, group: 'policy', isFixed: false }
    }),
  ]
}

const place = (name: string): number => {
  const at = order.indexOf(name)
  return at < 0 ? order.length : at
}

const isOfUpstream = (name: string): boolean => name.startsWith('mirror_') && name !== 'mirror_url'

/** Where the name would not do. */
const labels: Readonly<Record<string, string>> = {
  acl_read: 'May read',
  acl_upload: 'May upload',
  acl_toxresult_upload: 'May send test results',
  custom_data: 'Custom data (JSON)',
  mirror_url: 'Upstream',
  mirror_ca: 'Authorities',
  mirror_client_cert: 'Client certificate',
  mirror_whitelist: 'Mirror whitelist',
  mirror_whitelist_inheritance: 'Whitelist inheritance',
  mirror_changelog_url: 'Changelog',
  mirror_use_external_urls: 'Use external addresses',
  mirror_web_url_fmt: 'Page of a project',
}

function labelOf(name: string): string {
  const words = labels[name] ?? name.replace(/^mirror_/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
