/** A folder to begin a theme with. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StartRefused } from '#base/start-refused'
import { listNames, ourFolder } from './folders.ts'
import { isThemeName } from './manifest.ts'

export interface NewTheme {
  readonly folder: string
  /** The theme that it begins with: a name, or a folder as seen from it. */
  readonly extends?: string | undefined
}

/** Resolves to the names of the files it has written. Refuses a folder that holds something. */
export async function writeNewTheme(wanted: NewTheme): Promise<string[]> {
  const { folder } = wanted
  if (listNames(folder).length > 0) {
    throw new StartRefused(`The folder ${folder} is not empty.`, ['a folder that is new or empty'])
  }
  const files = {
    'theme.toml': manifestText(wanted),
    'static/style.css': await styleText(),
    'templates/parts/footer-end.eta': FOOTER,
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return Object.keys(files)
}

function manifestText({ folder, extends: base }: NewTheme): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `name = "${isThemeName(name) ? name : 'theme'}"
description = "How our pages look."
${base === undefined ? '# extends = "paper"' : `extends = ${JSON.stringify(base)}`}
# title = "Our packages"
# logo = "logo.svg"
# front-page = """
# What people should know first, in *Markdown*.
# """
#
# [[header-links]]
# title = "Handbook"
# address = "https://handbook.example/"
`
}

/** Our own variables, each to be taken out of the comment and changed. */
async function styleText(): Promise<string> {
  const ours = await readFile(join(ourFolder('static'), 'style.css'), 'utf8')
  const [, variables = ''] = /:root \{\n([^}]*)\}/.exec(ours) ?? []
  return `/* The first colour is for light, the second for dark. */
:root {
  --accent: light-dark(#7a1f5c, #f0a3d6);
}

/* All that can be set, as we have it:
${variables.trimEnd()}
*/
`
}

const FOOTER = `<% /* At the foot of every page; empty in ours. it.site, it.view and all else: docs/reference/theme-models.md */ %>
`
