/** What commands do with themes: name them, begin one, look at all pages in one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeConfig } from '#config'
import { checkFiles } from '#web/theme/check-files'
import { findTheme, themesInTheBox, type ThemePlace } from '#web/theme/find-theme'
import { writeNewTheme, type NewTheme } from '#web/theme/new-theme'
import { startApp, type App } from './app.ts'
import { fillSample, readPages, SAMPLE_PASSWORD, SAMPLE_USER } from './app-theme-sample.ts'

export type { ThemePlace, NewTheme }

export interface ThemeLine {
  readonly name: string
  readonly description: string
  readonly folder: string
}

export function listThemes(): ThemeLine[] {
  return themesInTheBox.map(({ name, folder }) => {
    const [layer] = findTheme({ text: name, folder }, themesInTheBox)
    return { name, folder, description: layer?.manifest.description ?? '' }
  })
}

/** Resolves to the names of the written files. Throws `StartRefused` where the folder holds something, or what it extends is missing. */
export async function makeTheme(wanted: NewTheme): Promise<string[]> {
  const { folder, extends: base } = wanted
  if (base !== undefined) findTheme({ text: base, folder: join(folder, base) }, themesInTheBox)
  return writeNewTheme(wanted)
}

/** Reads the files, and every page of a small server in that theme. Resolves to sentences, none where all is well. */
export async function checkTheme(theme: ThemePlace): Promise<readonly string[]> {
  const found = checkFiles(findTheme(theme, themesInTheBox))
  await using sample = await startSample({ theme, port: 0 })
  await readPages(sample.app, sample.pages)
  return [...new Set([...found, ...sample.app.listThemeProblems()])]
}

/** Who may do all there is to do on it. */
export const sampleLogin = { user: SAMPLE_USER, password: SAMPLE_PASSWORD }

export interface Sample extends AsyncDisposable {
  readonly app: App
  /** Addresses of pages, each template's at least once. */
  readonly pages: readonly string[]
}

/** A server in that theme with a little of everything on it, which is gone when it closes. */
export async function startSample(options: {
  readonly theme: ThemePlace
  readonly port: number
}): Promise<Sample> {
  const dir = await mkdtemp(join(tmpdir(), 'wheelyard-theme-'))
  const changes = { ...options, dir, themeReload: true, noRootPypi: true, offlineMode: true }
  const config = makeConfig({ ...changes, logLevel: 'silent' }, dir)
  let app: App | undefined
  const close = async (): Promise<void> => {
    await app?.close()
    await rm(dir, { recursive: true, force: true })
  }
  try {
    app = await startApp(config, { env: {}, cwd: dir })
    const pages = await fillSample(app, dir)
    return { app, pages, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}
