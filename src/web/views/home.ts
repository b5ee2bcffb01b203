/** The model of the templates `home` and `user`: users and their indexes. */
import type { ReadTransaction } from '#ledger/transaction'
import { indexName } from '#registry/indexes'
import type { MayRead } from '#registry/reading'
import { viewUser, viewUsers, type UserView } from '#registry/users'
import { compareCustom, customValue, type OrderKeys } from './custom-order.ts'
import { indexLine, type IndexLine, type Seen } from './index-line.ts'

export interface HomeView {
  /** Those with a label first, in their order; without labels there is one. */
  readonly groups: readonly IndexGroup[]
  readonly userCount: number
  readonly indexCount: number
  /** The theme's text for this page, as HTML. */
  readonly frontPage: string | undefined
}

export interface IndexGroup {
  readonly label: string | undefined
  readonly users: readonly UserSection[]
}

export interface UserSection {
  readonly name: string
  readonly address: string
  readonly title: string | undefined
  readonly description: string | undefined
  readonly email: string | undefined
  /** Any JSON. */
  readonly customData: unknown
  /** RFC 3339. */
  readonly created: string
  /** Those that stand in the group. */
  readonly indexes: readonly IndexLine[]
}

export interface Asking extends Seen {
  /** Undefined: all. */
  readonly mayRead?: MayRead | undefined
}

export async function viewHome(
  tx: ReadTransaction,
  keys: OrderKeys,
  asking: Asking,
): Promise<Omit<HomeView, 'frontPage'>> {
  const users = Object.values(await viewUsers(tx, asking.who, asking.mayRead)).map((user) =>
    userSection(user, keys, asking),
  )
  return {
    groups: groupUsers(users, keys),
    userCount: users.length,
    indexCount: users.reduce((count, { indexes }) => count + indexes.length, 0),
  }
}

/** Refuses a user that is missing. */
export async function viewOneUser(
  tx: ReadTransaction,
  user: string,
  keys: OrderKeys,
  asking: Asking,
): Promise<UserSection> {
  return userSection(await viewUser(tx, user, asking.who, asking.mayRead), keys, asking)
}

function userSection(view: UserView, keys: OrderKeys, asking: Asking): UserSection {
  const { username: name, title, description, email, custom_data, created } = view
  const indexes = Object.entries(view.indexes).map(([short, entry]) =>
    indexLine({ name: indexName(name, short), entry }, asking),
  )
  return {
    name,
    address: asking.addresses.user(name),
    title: title || undefined,
    description: description || undefined,
    email: email || undefined,
    customData: custom_data,
    created,
    indexes: indexes
      .map((line) => ({ line, name: line.name, order: customValue(line.customData, keys.sort) }))
      .sort(compareCustom)
      .map(({ line }) => line),
  }
}

/**
 * An index stands where it says, else where its user says, else with the rest. Users who say nothing are in the order of
 * their first indexes.
 */
function groupUsers(users: readonly UserSection[], { group, sort }: OrderKeys): IndexGroup[] {
  const byLabel = new Map<string, UserSection[]>()
  for (const user of users) {
    const own = String(customValue(user.customData, group) ?? '')
    const groups = Map.groupBy(user.indexes, ({ customData }) =>
      String(customValue(customData, group) ?? own),
    )
    if (groups.size === 0) groups.set(own, [])
    for (const [label, indexes] of groups) {
      byLabel.set(label, [...(byLabel.get(label) ?? []), { ...user, indexes }])
    }
  }
  const orderOf = (user: UserSection) =>
    customValue(user.customData, sort) ?? customValue(user.indexes[0]?.customData, sort)
  const groups = [...byLabel].map(([label, members]) => ({
    label: label === '' ? undefined : label,
    users: members
      .map((user) => ({ user, name: user.name, order: orderOf(user) }))
      .sort(compareCustom)
      .map(({ user }) => user),
  }))
  return groups
    .map((one) => ({ one, name: one.label ?? '', order: one.label && firstOrder(one, sort) }))
    .sort((a, b) => Number(a.name === '') - Number(b.name === '') || compareCustom(a, b))
    .map(({ one }) => one)
}

/** The smallest of those that stand in it. */
function firstOrder({ users }: IndexGroup, sort: string): string | number | undefined {
  const orders = users.flatMap((user) => [
    { name: '', order: customValue(user.customData, sort) },
    ...user.indexes.map(({ customData }) => ({ name: '', order: customValue(customData, sort) })),
  ])
  return orders.sort(compareCustom)[0]?.order
}
