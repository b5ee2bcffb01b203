/** Transitions separate something: none may begin or end a section, or follow another. */
import { isElement, type Element, type Node } from './nodes.ts'
import { RstProblem } from './problem.ts'

export function checkTransitions(root: Element): void {
  moveUp(root)
  const last = siblings(root).at(-1)
  if (isElement(last, 'transition')) {
    throw new RstProblem('The text ends with a transition.', last.line)
  }
}

function siblings(node: Element): Node[] {
  return node.children.filter((child) => child.kind !== 'comment' && !isElement(child, 'pending'))
}

/** Checks all in a section, and moves the one at its end behind the section. */
function moveUp(section: Element): void {
  const children: Node[] = []
  for (const child of siblings(section)) {
    if (isElement(child, 'transition')) checkBefore(children.at(-1), child)
    children.push(child)
    if (!isElement(child, 'section')) continue
    moveUp(child)
    const last = child.children.at(-1)
    if (isElement(last, 'transition')) {
      child.children.pop()
      children.push(last)
    }
  }
  section.children = children
}

function checkBefore(before: Node | undefined, transition: Element): void {
  if (before === undefined || before.kind === 'title') {
    throw new RstProblem('A section begins with a transition.', transition.line)
  }
  if (before.kind === 'transition') {
    throw new RstProblem('A transition follows another.', transition.line)
  }
}
