/** Directives about the whole document: its contents, numbers and roles. What only a whole page has is left out. */
import { normalizeName, SIMPLE_NAME } from './characters.ts'
import { requireContent, requireSection, classesOf } from './directive-parts.ts'
import { readDirectiveBlock, type Directive, type DirectiveCall } from './directive.ts'
import { sliceBlock } from './lines.ts'
import { makeElement, makeText, textOf, type Node } from './nodes.ts'
import {
  classNames,
  flag,
  naturalNumber,
  oneOf,
  required,
  unchanged,
  wholeNumber,
} from './option-values.ts'
import { RstProblem } from './problem.ts'
import { DEFAULT_ROLE, findRole, PLAIN_ROLE } from './roles.ts'

const numbering: Directive = {
  options: { depth: wholeNumber, start: wholeNumber, prefix: required, suffix: required },
  run: ({ options }) => [makeElement('pending', [], { options: { ...options, for: 'numbers' } })],
}

/** Headers and footers belong to a page: they are read, and not shown. What they refer to hears of it. */
const margin: Directive = {
  hasContent: true,
  run: (call) => {
    requireContent(call)
    const node = makeElement('pending', [], { options: { for: 'margin' } })
    call.cursor.parser.parseBody(call.content, node)
    return [node]
  },
}

function disabled(what: string): Directive {
  return {
    hasContent: true,
    run: ({ line }) => {
      throw new RstProblem(`${what} is not shown.`, line)
    },
  }
}

export const documents: Readonly<Record<string, Directive>> = {
  contents: {
    optional: 1,
    isFinalLong: true,
    options: {
      depth: naturalNumber,
      local: flag,
      backlinks: oneOf('top', 'entry', 'none'),
      class: classNames,
    },
    run: makeContents,
  },
  sectnum: numbering,
  'section-numbering': numbering,
  header: margin,
  footer: margin,
  meta: { hasContent: true, run: checkMeta },
  title: { required: 1, isFinalLong: true, run: () => [] },
  role: { hasContent: true, run: defineRole },
  'default-role': { optional: 1, run: setDefaultRole },
  raw: disabled('Raw content'),
  include: disabled('The content of other files'),
}

/** Fields for the head of a page, which is not ours to write. */
function checkMeta(call: DirectiveCall): Node[] {
  requireContent(call)
  const parent = makeElement('fragment')
  call.cursor.parser.parseBody(call.content, parent)
  if (parent.children.some(({ kind }) => kind !== 'field-list')) {
    throw new RstProblem('Something else stands among the fields.', call.line)
  }
  return []
}

/** Each goes through all sections. */
const contentsCost = 2000

function makeContents(call: DirectiveCall): Node[] {
  requireSection(call)
  const { options, line, cursor } = call
  cursor.parser.registry.budget.spend(contentsCost)
  const [title] = call.arguments
  const isLocal = options['local'] !== undefined
  const topic = makeElement('topic', [], { classes: ['contents', ...classesOf(call)], line })
  if (title !== undefined || !isLocal) {
    const nodes =
      title === undefined ? [makeText('Contents')] : cursor.parser.parseInline(title, line)
    topic.children.push(makeElement('title', nodes))
  }
  const name = normalizeName(topic.children.map(textOf).join('') || 'Contents')
  if (!cursor.parser.registry.hasName(name)) topic.names = [name]
  cursor.parser.registry.addTarget(topic, false)
  topic.children.push(makeElement('pending', [], { options: { ...options, for: 'contents' } }))
  return [topic]
}

const roleArguments = new RegExp(
  `^(${SIMPLE_NAME})\\s*(?:\\(\\s*(${SIMPLE_NAME})\\s*\\)\\s*)?$`,
  'u',
)

function defineRole({ cursor, content, line }: DirectiveCall): Node[] {
  const { registry } = cursor.parser
  const [, name, baseName] = roleArguments.exec(content.lines[0] ?? '') ?? []
  if (name === undefined || content.first > line) {
    throw new RstProblem('The new role has no valid name.', line)
  }
  const base =
    baseName === undefined ? { base: PLAIN_ROLE, classes: [] } : findRole(registry, baseName)
  if (!base) throw new RstProblem(`The role "${baseName}" is not known.`, line)
  const { options } = readDirectiveBlock(
    { options: { class: classNames, ...roleOptions(base.base) }, run: () => [] },
    sliceBlock(content, 1),
  )
  const { language, class: classes = classNames(name) } = options
  registry.roles.set(name.toLowerCase(), {
    base: base.base,
    classes: [...base.classes, ...classes.split(' ')],
    ...(language === undefined ? {} : { language }),
  })
  return []
}

function roleOptions(base: string): Directive['options'] {
  if (base === 'code') return { language: unchanged }
  return base === 'raw' ? { format: unchanged } : {}
}

function setDefaultRole({ arguments: [name], cursor, line }: DirectiveCall): Node[] {
  const { roles } = cursor.parser.registry
  if (name === undefined) {
    roles.delete(DEFAULT_ROLE)
    return []
  }
  const role = findRole(cursor.parser.registry, name)
  if (!role) throw new RstProblem(`The role "${name}" is not known.`, line)
  roles.set(DEFAULT_ROLE, role)
  return []
}
