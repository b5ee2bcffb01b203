/** What every page has around its own: the model that a template is handed. */
import type { Call } from '#http/route'
import type { Addresses } from './addresses.ts'
import type { Health } from './health.ts'
import { printCount, printNumber, printSize, printTime, timeElement } from './print.ts'
import type { Theme } from './theme/theme.ts'
import type { PageAction } from './views/actions.ts'

/** A step of the path that is shown above a page. */
export interface Crumb {
  readonly title: string
  readonly address: string
}

/** What a page says of itself. */
export interface PageFacts<View> {
  /** For the window's title and search engines. */
  readonly title: string
  readonly path: readonly Crumb[]
  /** The page's own model: see `views/`. */
  readonly view: View
  /** Something on it was not to be had in time: whoever looks again gets more. */
  readonly isPassing?: boolean | undefined
  /** Feeds of what the page shows. */
  readonly feeds?: readonly { readonly title: string; readonly address: string }[]
  /** What the reader may do with what the page shows: forms. */
  readonly actions?: readonly PageAction[]
  /** What the search field holds. */
  readonly query?: string
  /** Scripts beside those that every page has: names below `static/`. */
  readonly scripts?: readonly string[]
  /** The same for styles. */
  readonly styles?: readonly string[]
}

/**
 * The model of every template, under the name `it`. It is kept stable: what is there stays there. Beside it stand
 * `it.part(name, more)`, another template, and `it.original(more)`, the one that a theme's template stands in for.
 */
export interface PageModel<View> extends PageFacts<View> {
  /** The name of the page's template: `home`, `package-index`, … */
  readonly template: string
  readonly site: {
    readonly title: string
    readonly version: string
    readonly home: string
    readonly search: string
    readonly status: string
    readonly login: string
    readonly logout: string
    /** What the search field holds. */
    readonly query: string
    /** The server's address as the reader's browser has it, without a slash at the end. */
    readonly root: string
    readonly prefix: string
    readonly health: Health
  }
  readonly who: {
    /** Undefined for who is not logged in. */
    readonly user: string | undefined
    readonly groups: readonly string[]
    /** What a form carries as `csrf`; undefined for who is not logged in. */
    readonly csrf: string | undefined
  }
  readonly theme: ThemeFacts
  /** The address of one of our own static files, or of the theme's. */
  asset(name: string): string
  themeAsset(name: string): string
  /** Whether the theme has that static file. */
  hasThemeAsset(name: string): boolean
  readonly print: typeof printers
}

/** What the theme's `theme.toml` says, with addresses. */
export interface ThemeFacts {
  readonly headerLinks: readonly Crumb[]
  readonly footerLinks: readonly Crumb[]
  readonly logo: string
  readonly icon: string
  /** In this order, behind the page's own. */
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
  /** While somebody works on it. */
  readonly reloads: boolean
  readonly digest: string
  /** What is wrong with its files, as far as it is known by now. */
  readonly listProblems: () => readonly string[]
}

/** For templates: values as people read them. `time` gives an element, the others text. */
const printers = {
  time: timeElement,
  timeText: printTime,
  size: printSize,
  number: printNumber,
  count: printCount,
}

export interface Framing {
  readonly call: Call
  readonly addresses: Addresses
  readonly theme: Theme
  readonly version: string
  readonly health: Health
}

export function pageModel<View>(
  template: string,
  facts: PageFacts<View>,
  { call, addresses, theme, version, health }: Framing,
): PageModel<View> {
  const { prefix } = call
  const { user, groups } = call.who
  const asset = (name: string): string => `${prefix}/+static-${theme.staticFiles.digest}/${name}`
  const themeAsset = (name: string): string =>
    `${prefix}/+theme-static-${theme.themeStatic.digest}/${name}`
  return {
    ...facts,
    template,
    site: {
      title: theme.words.title,
      version,
      home: addresses.home(),
      search: addresses.search(),
      status: addresses.at('+status'),
      login: loginAddress(call, addresses),
      logout: addresses.at('+logout'),
      query: facts.query ?? '',
      root: call.root,
      prefix,
      health,
    },
    who: { user, groups, csrf: user === undefined ? undefined : call.csrfToken },
    theme: themeFacts(theme, prefix, { asset, themeAsset }),
    asset,
    themeAsset,
    hasThemeAsset: (name) => theme.themeStatic.has(name),
    print: printers,
  }
}

function themeFacts(
  { words, reloads, digest, listProblems }: Theme,
  prefix: string,
  { asset, themeAsset }: Pick<PageModel<unknown>, 'asset' | 'themeAsset'>,
): ThemeFacts {
  const place = (link: Crumb): Crumb =>
    link.address.startsWith('/') ? { ...link, address: prefix + link.address } : link
  return {
    headerLinks: words.headerLinks.map(place),
    footerLinks: words.footerLinks.map(place),
    logo: words.logo === undefined ? asset('icon.svg') : themeAsset(words.logo),
    icon: words.icon === undefined ? asset('icon.svg') : themeAsset(words.icon),
    styles: words.styles.map(themeAsset),
    scripts: words.scripts.map(themeAsset),
    reloads,
    digest,
    listProblems,
  }
}

/** Leads back to the page; without its query, which a page that is kept for others must not hold. */
function loginAddress(call: Call, addresses: Addresses): string {
  const login = addresses.at('+login')
  const [page = ''] = addresses.here(call).split('?', 1)
  const isNowhere = page === addresses.home() || /\/\+(?:log(?:in|out)|new-user)$/.test(page)
  return isNowhere ? login : `${login}?goto_url=${encodeURIComponent(page)}`
}
