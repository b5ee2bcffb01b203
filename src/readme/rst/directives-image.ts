/** Images and figures. */
import { escapeToNull } from './characters.ts'
import { addName, classesOf } from './directive-parts.ts'
import type { Directive, DirectiveCall } from './directive.ts'
import { makeElement, type Element, type Node } from './nodes.ts'
import {
  address,
  classNames,
  common,
  length,
  lengthOrPercentage,
  oneOf,
  percentage,
  required,
  unchanged,
} from './option-values.ts'
import { RstProblem } from './problem.ts'
import { readLead } from './targets.ts'

const inline = ['top', 'middle', 'bottom'] as const
const block = ['left', 'center', 'right'] as const

const imageOptions = {
  ...common,
  alt: unchanged,
  height: length,
  width: lengthOrPercentage,
  scale: percentage,
  align: oneOf(...inline, ...block),
  target: required,
  loading: oneOf('embed', 'link', 'lazy'),
} as const

export const images: Readonly<Record<string, Directive>> = {
  image: { required: 1, isFinalLong: true, options: imageOptions, run: makeImage },
  figure: {
    required: 1,
    isFinalLong: true,
    options: {
      ...imageOptions,
      align: oneOf(...block),
      figwidth: (value) => (value?.toLowerCase() === 'image' ? 'image' : lengthOrPercentage(value)),
      figclass: classNames,
      figname: unchanged,
    },
    hasContent: true,
    run: makeFigure,
  },
}

function makeImage(call: DirectiveCall): Node[] {
  const { options, line, substitution } = call
  const allowed: readonly string[] = substitution ? inline : block
  if (options['align'] !== undefined && !allowed.includes(options['align'])) {
    throw new RstProblem('The image cannot be aligned so here.', line)
  }
  if (options['loading'] === 'embed') throw new RstProblem('The image cannot be embedded.', line)
  return [linkedImage(call)]
}

function linkedImage(call: DirectiveCall): Element {
  const { options, line } = call
  const uri = address(call.arguments[0])
  const image = makeElement('image', [], { uri, options, line, classes: classesOf(call) })
  addName(call, image)
  const { target } = options
  if (target === undefined) return image
  const lead = readLead(escapeToNull(target).split('\n'))
  return makeElement('reference', [image], { uri: '', ...lead, line })
}

/** The first paragraph is the caption, all that follows a legend. An empty comment stands for no caption. */
function makeFigure(call: DirectiveCall): Node[] {
  const { options, line, cursor } = call
  const image = linkedImage({ ...call, options: withoutAlign(options) })
  const figure = makeElement('figure', [image], { line, classes: classesOf(call, 'figclass') })
  addName({ ...call, options: { name: options['figname'] ?? '' } }, figure)
  if (options['align'] !== undefined) figure.classes?.push(`align-${options['align']}`)
  const content: Element = makeElement('fragment')
  if (call.content.lines.length > 0) cursor.parser.parseBody(call.content, content)
  const legend = takeCaption(figure, content.children, line)
  if (legend.length > 0) figure.children.push(makeElement('legend', [...legend]))
  return [figure]
}

function withoutAlign(options: DirectiveCall['options']): DirectiveCall['options'] {
  const rest = { ...options }
  delete rest['align']
  return rest
}

function takeCaption(figure: Element, content: readonly Node[], line: number): readonly Node[] {
  for (const [i, child] of content.entries()) {
    if (child.kind === 'text') continue
    if (child.kind === 'target' || child.kind === 'pending') {
      figure.children.push(child)
      continue
    }
    if (child.kind === 'paragraph') {
      figure.children.push({ ...child, kind: 'caption' })
    } else if (child.kind !== 'comment' || child.options === undefined) {
      throw new RstProblem('The caption of a figure is a paragraph.', line)
    }
    return content.slice(i + 1)
  }
  return []
}
