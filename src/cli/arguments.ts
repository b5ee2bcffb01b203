/** Words to flags and arguments, and the help that explains them. */
import { Command as Parser, Option as ParserOption } from 'commander'
import { findNearest } from '#base/nearest'
import type { CommandArgument, CommandText, GivenFlag } from './command.ts'

export interface ParsedArguments {
  readonly flags: readonly GivenFlag[]
  readonly operands: readonly string[]
  /** Unknown flags, and arguments that are missing or too many. */
  readonly mistakes: readonly string[]
}

export function parseArguments(spec: CommandText, argv: readonly string[]): ParsedArguments {
  const flags: GivenFlag[] = []
  const parser = makeParser(spec, (flag) => flags.push(flag))
  const { operands, unknown } = parser.parseOptions([...argv])
  // Behind the first unknown flag the parser no longer tells arguments from values.
  const strangers = unknown.filter((word) => word.startsWith('-'))
  const mistakes = strangers.map((word) => tellUnknown(spec, word))
  if (strangers.length === 0) mistakes.push(...checkArguments(spec.args ?? [], operands))
  return { flags, operands, mistakes }
}

function checkArguments(args: readonly CommandArgument[], operands: readonly string[]): string[] {
  const missing = args.slice(operands.length).filter(({ isOptional }) => !isOptional)
  const excess = operands.slice(args.length)
  return [
    ...missing.map(({ name, doc }) => `${name} is missing: ${doc}`),
    ...excess.map((word) => `'${word}' is one argument too many`),
  ]
}

function tellUnknown({ options = [] }: CommandText, word: string): string {
  const flag = word.split('=', 1)[0]!
  const names = options.flatMap((option) => [option.name, ...(option.aliases ?? [])])
  const nearest = findNearest(flag.replace(/^-+/, ''), names)
  return `${flag}: there is no such option${nearest ? `; did you mean --${nearest}?` : ''}`
}

/** Every value is optional to the parser, so that one forgotten is reported beside other mistakes. */
function makeParser(spec: CommandText, onFlag: (flag: GivenFlag) => void): Parser {
  const parser = new Parser(`wheelyard ${spec.name}`).helpOption(false)
  for (const { name, placeholder, doc, group, aliases = [], ...more } of spec.options ?? []) {
    for (const spelling of [name, ...aliases]) {
      const short = more.short && spelling === name ? `-${more.short}, ` : ''
      const flags = `${short}--${spelling}${placeholder ? ` [${placeholder}]` : ''}`
      const option = new ParserOption(flags, doc).hideHelp(more.isHidden ?? spelling !== name)
      parser.addOption(group ? option.helpGroup(`${group}:`) : option)
      parser.on(`option:${spelling}`, (value?: string | null) => {
        onFlag({ name: spelling, value: value ?? undefined })
      })
    }
  }
  parser.addOption(new ParserOption('-h, --help', 'Show this help.').helpGroup('Help:'))
  parser.on('option:help', () => onFlag({ name: 'help', value: undefined }))
  parser.addOption(new ParserOption('--version').hideHelp())
  parser.on('option:version', () => onFlag({ name: 'version', value: undefined }))
  return parser
}

export function printHelp(spec: CommandText, width: number): string {
  const { about, args = [], options = [], examples = [], notes } = spec
  const usage = args.map(({ name, isOptional }) => (isOptional ? `[${name}]` : name))
  const helpWidth = Math.min(Math.max(width, 60), 100)
  const parser = makeParser(spec, () => {})
    .usage([...usage, options.length > 0 ? '[options]' : ''].join(' ').trim())
    .description([spec.summary, about].filter(Boolean).join('\n\n'))
    .configureHelp({
      helpWidth,
      optionTerm: (option) => option.flags.replaceAll(/[[\]]/g, ''),
      optionDescription: (option) => option.description,
    })
  for (const { name, doc } of args) parser.argument(`[${name}]`, doc)
  const tail = examples.length > 0 ? `\nExamples:\n  ${examples.join('\n  ')}\n` : ''
  return `${parser.helpInformation()}${tail}${notes ? `\n${wrap(notes, helpWidth)}\n` : ''}`
}

function wrap(text: string, width: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines.join('\n')
}
