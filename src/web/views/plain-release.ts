/** A release as plain text in Markdown, for tools that read what people do. */
import type { ReleaseView } from './release.ts'

/** `description` as it was uploaded. */
export function printPlainRelease(view: ReleaseView, root: string, description: string): string {
  const { project, version, summary, index } = view
  const facts = [
    ['Index', index],
    ['Requires Python', view.requiresPython],
    ['Licence', view.licence],
    ...view.people.map(({ role, name, email }) => [
      role,
      [name, email && `<${email}>`].filter(Boolean).join(' '),
    ]),
    ['Uploaded', view.uploadedAt],
    ['Yanked', view.isYanked ? (view.yankReason ?? 'yes') : undefined],
    ['Keywords', view.keywords.join(', ')],
  ].flatMap(([name, value]) => (value ? [`- ${name}: ${oneLine(value)}`] : []))
  const sections: (readonly [string, readonly string[]])[] = [
    ['Install', view.commands.map(({ tool, text }) => `${tool}:\n\n${indent(text)}\n`)],
    ['Requires', view.dependencies.map(({ text }) => `- ${oneLine(text)}`)],
    ['Links', view.projectLinks.map(({ title, address }) => `- ${oneLine(title)}: ${address}`)],
    ['Classifiers', view.classifiers.flatMap(listClassifiers)],
    ['Files', view.files.map(({ address, size }) => `- ${root}${address} (${size ?? '?'} bytes)`)],
  ]
  return [
    `# ${project} ${version}`,
    ...(summary === '' ? [] : ['', `> ${oneLine(summary)}`]),
    '',
    ...facts,
    ...sections.flatMap(([title, lines]) =>
      lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines],
    ),
    ...(description.trim() === '' ? [] : ['', '## Description', '', description.trim()]),
    '',
  ].join('\n')
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const indent = (text: string): string => text.replace(/^/gm, '    ')

const listClassifiers = ({ title, values }: ReleaseView['classifiers'][number]): string[] =>
  values.map((value) => (value === title ? `- ${title}` : `- ${title} :: ${value}`))
