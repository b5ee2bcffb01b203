/** Gives what follows a target its identifiers, and what follows a `class` directive its classes. */
import { isVisible, type Element, type Kind, type Node } from './nodes.ts'
import { RstProblem } from './problem.ts'

/** These keep their own: a target in front of them stays where it is. */
const unfit: ReadonlySet<Kind> = new Set([
  ...(['comment', 'pending', 'substitution-definition', 'footnote', 'citation'] as const),
])

export function attach(root: Element): void {
  const walk = new AttachmentWalk()
  walk.visit(root)
  walk.finish()
}

/** A target without an address stands for what follows it. */
function isInternal({ kind, uri, refname }: Element): boolean {
  return kind === 'target' && uri === undefined && refname === undefined
}

function isClass(node: Node): boolean {
  return node.kind === 'pending' && node.options?.['for'] === 'class'
}

class AttachmentWalk {
  /** The target just seen, which waits for what comes next, and all identifiers that wait with it. */
  #target: Element | undefined
  #ids: string[] = []
  #classes: string[] = []
  #line: number | undefined

  visit(node: Element): void {
    for (const child of node.children) {
      if (child.kind === 'text') continue
      if (isClass(child)) {
        this.#classes.push(...(child.classes ?? []))
        this.#line = child.line
        continue
      }
      this.#meet(child)
      if (child.kind !== 'substitution-definition') this.visit(child)
    }
    if (node.children.some(isClass)) {
      node.children = node.children.filter((child) => !isClass(child))
    }
  }

  #meet(node: Element): void {
    if (this.#classes.length > 0 && isVisible(node)) {
      node.classes = [...(node.classes ?? []), ...this.#classes]
      this.#classes = []
    }
    const waiting = this.#target
    const isTarget = isInternal(node)
    if (waiting && unfit.has(node.kind)) this.#leave(waiting)
    else if (waiting) {
      waiting.next = node
      if (!isTarget) node.ids = [...(node.ids ?? []), ...this.#ids]
    }
    if (!isTarget || !waiting) this.#ids = []
    this.#target = isTarget ? node : undefined
    if (isTarget) this.#ids.push(...(node.ids ?? []))
  }

  #leave(target: Element): void {
    target.ids = this.#ids
  }

  finish(): void {
    if (this.#target) this.#leave(this.#target)
    if (this.#classes.length > 0) {
      throw new RstProblem('Nothing follows that could have the class.', this.#line)
    }
  }
}
