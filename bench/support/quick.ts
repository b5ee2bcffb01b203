/** How thorough a run is: `npm run bench -- --quick` shows gross slips within minutes, and no more. */

export const isQuick = process.env['WHEELYARD_BENCH_QUICK'] === '1'

const FEW = 2

export const rounds = (count: number): number => (isQuick ? Math.min(count, FEW) : count)
