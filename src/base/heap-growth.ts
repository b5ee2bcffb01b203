/** How far V8 lets this process's heap grow before it looks for garbage in all of it. */
import { setFlagsFromString } from 'node:v8'

/**
 * Usually it lets a small heap grow to four times of what is in use. Where much passes through, that is room for garbage
 * alone: until the returned function is called it may grow by half.
 */
export function growHeapSlowly(): () => void {
  setGrowth(50)
  return () => setGrowth(0)
}

/** 0: as V8 thinks fit. */
const setGrowth = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`)
