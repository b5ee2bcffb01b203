/** How far V8 lets this process's heap grow before it looks for garbage in all of it. */
import { setFlagsFromString } from 'node:v8'

/** Percent of what is in use. 0: as V8 thinks fit. */
const SLOW = 50
const STEADY = 100

let usual = 0
let slow = 0

/**
 * From now on it may double. V8 by itself lets the small heap of a server that was idle grow by a third, so that it is looked
 * through again with every few megabytes that pass, and that of a busy one to four times of what is in use.
 */
export function growHeapSteadily(): void {
  usual = STEADY
  setGrowth()
}

/** Where much passes through, more is room for garbage alone: until the returned function is called it may grow by half. */
export function growHeapSlowly(): () => void {
  let isOver = false
  slow++
  setGrowth()
  return () => {
    if (isOver) return
    isOver = true
    slow--
    setGrowth()
  }
}

const setGrowth = (): void =>
  setFlagsFromString(`--heap-growing-percent=${slow > 0 ? SLOW : usual}`)
