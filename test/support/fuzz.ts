/**
 * How tests with generated requests run: the same ones each time. More of them with WHEELYARD_TEST_ROUNDS=2000, others
 * with WHEELYARD_TEST_SEED=7.
 */
export function fuzzRuns(usual: number): { readonly numRuns: number; readonly seed: number } {
  return {
    numRuns: Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? usual),
    seed: Number(process.env['WHEELYARD_TEST_SEED'] ?? 4),
  }
}
