/**
 * Where Wheelyard's answers are not devpi-server's, on purpose: the only excuses that the comparison knows.
 * A step names one with `differs`; those with `fits` are met wherever they fit. `docs/reference/devpi-differences.md`
 * is printed from this table.
 */
import type { Compared, Point } from './compare.ts'
import { errors } from './differences/errors.ts'
import { mirrors } from './differences/mirrors.ts'
import { pages } from './differences/pages.ts'
import { releases } from './differences/releases.ts'

export interface Difference {
  readonly id: DifferenceId
  /** What is different, for users. */
  readonly what: string
  /**
   * A defect of devpi-http section 11, a decision marked there (`→ do`), a section of index-standards, or a page
   * of docs/decisions.
   */
  readonly source: string
  /** The places where it may show; without it, anywhere. */
  readonly points?: RegExp
  readonly fits?: (compared: Compared, point: Point) => boolean
}

export type DifferenceRow = Omit<Difference, 'id'>

const rows = { ...errors, ...pages, ...releases, ...mirrors }

export type DifferenceId = keyof typeof rows

export const differences: readonly Difference[] = Object.entries<DifferenceRow>(rows).map(
  ([id, row]) => ({ ...row, id: id as DifferenceId }),
)
