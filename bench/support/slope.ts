/** How steep points lie: by least squares. */
import type { CurvePoint } from './figure.ts'

/** By how much `y` grows with each `x`. */
export function slopeOf(points: readonly CurvePoint[]): number {
  const mean = (of: (point: CurvePoint) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
  const xy = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0)
  const xx = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  return xx === 0 ? 0 : xy / xx
}
