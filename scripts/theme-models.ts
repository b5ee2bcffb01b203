/** What templates are given, as the reference tells it: the interfaces of the code, with their comments. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const web = join(import.meta.dirname, '..', 'src', 'web')

/** Around every page, then what the models of pages are made of. */
const frame = ['frame.ts', 'health.ts']
const others = ['diagram.ts', 'error-page.ts', 'forms/form-view.ts', 'forms/field-view.ts']

export async function describeThemeModels(origin: string): Promise<string> {
  const views = (await readdir(join(web, 'views'))).sort().map((name) => `views/${name}`)
  const describe = async (name: string): Promise<string> => describeFile(name, await readText(name))
  const parts = async (names: readonly string[]): Promise<string> =>
    (await Promise.all(names.map(describe))).filter((text) => text !== '').join('\n')
  return `${origin}

# What templates are given

[A theme's templates](../how-to/write-a-theme.md) are handed the model of their page under the name \`it\`, in the shapes that
stand here in TypeScript. What is here stays: a later version may add to it. \`IndexEntry\` holds every [option](index-options.md) of an
index.

${await listTemplates()}

## Every page

${await parts(frame)}
## The pages

\`it.view\` is the page's own.

${await parts([...views, ...others])}`
}

const readText = (name: string): Promise<string> => readFile(join(web, name), 'utf8')

/** A file's interfaces and types, under what it says of itself. */
function describeFile(name: string, source: string): string {
  const declarations = [
    ...source.matchAll(
      /^(?:\/\*\*(?:(?!\*\/)[^])*?\*\/\n)?export (?:interface [^]*?\n\}|type [^=]+=[^]*?(?=\n\n|\n(?=\/\*\*)|\n(?=export)))/gm,
    ),
  ].map(([text]) => text.replaceAll(/^export /gm, ''))
  if (declarations.length === 0) return ''
  const [, about = name] = /^\/\*\*\s*([^]*?)\s*\*\//.exec(source) ?? []
  const sentence = about.replaceAll(/\s*\n\s*\*\s*/g, ' ')
  return `### ${name.replace(/^.*\//, '').replace(/\.ts$/, '')}\n\n${sentence}\n\n\`\`\`ts\n${declarations.join('\n\n')}\n\`\`\`\n`
}

async function listTemplates(): Promise<string> {
  const found = await readdir(join(web, 'templates'), { recursive: true })
  const names = found
    .filter((name) => name.endsWith('.eta'))
    .map((name) => name.replace(/\.eta$/, ''))
    .sort()
  const pages = names.filter((name) => !name.includes('/'))
  const rows = pages.map((page) => {
    const parts = names.filter((name) => name.startsWith(`${page}/`))
    return `| \`${page}\` | ${parts.map((part) => `\`${part}\``).join(', ')} |`
  })
  const shared = names.filter((name) => name.startsWith('parts/')).map((part) => `\`${part}\``)
  return `## The templates

\`layout\` prints every page: \`parts/head\`, \`parts/header\`, the page's own template and \`parts/footer\`.

| page | its parts |
|---|---|
${rows.join('\n')}

On many pages: ${shared.join(', ')}.`
}
